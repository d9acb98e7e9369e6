import { load, reportPush, source } from './peer.mjs'

const PouchDB = load('pouchdb')
const remote = `${source}/db`

/* PouchDB over LevelDB: a replication to a server that speaks CouchDB's calls. */
await reportPush({
  open: (folder) => new PouchDB(`${folder}/pouch`),
  change: (database, rows) => database.bulkDocs(rows.map(({ id, ...row }) => ({ _id: id, ...row }))),
  push: async (database) => {
    const { ok, docs_written: written } = await database.replicate.to(remote)
    if (!ok) throw new Error('The replication did not end well')
    database.written = written
  },
  waiting: async (database) => (await database.info()).doc_count - database.written,
})
