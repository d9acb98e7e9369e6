import { flat, load, pages, report } from './peer.mjs'

const PouchDB = load('pouchdb')

/* PouchDB over LevelDB: a page at a time as documents, found by their key. It has neither other indexes nor full text here. */
await report({
  open: (folder) => new PouchDB(`${folder}/pouch`),
  async mirror(database) {
    for await (const rows of pages()) await database.bulkDocs(rows.map((row) => ({ _id: row.id, ...flat(row) })))
  },
  find: async (database) => (await database.allDocs({ startkey: '0', endkey: 'g' })).rows.length,
})
