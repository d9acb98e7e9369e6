import { Worker } from 'node:worker_threads'
import { post, reportPush, source } from './peer.mjs'

const { PowerSyncDatabase, Schema, SyncStreamConnectionMethod, Table, column } = await import('@powersync/node')

const decisions = new Table({ batch_id: column.text, body: column.text })

/* PowerSync's client for Node: its connector is called while changes wait, and sends them a hundred at a time. */
await reportPush({
  async open(folder) {
    const database = new PowerSyncDatabase({
      schema: new Schema({ decisions }),
      database: {
        dbFilename: 'powersync.db',
        dbLocation: folder,
        openWorker: (_, options) => new Worker(new URL('./powersync-worker.mjs', import.meta.url), options),
      },
    })
    await database.init()
    return database
  },
  change: (database, rows) =>
    database.writeTransaction(async (transaction) => {
      for (const { id, batch_id, body } of rows)
        await transaction.execute('insert into decisions (id, batch_id, body) values (?, ?, ?)', [id, batch_id, body])
    }),
  push(database) {
    const { promise, resolve, reject } = Promise.withResolvers()
    const uploadData = async () => {
      for (let batch = await database.getCrudBatch(100); batch !== null; batch = await database.getCrudBatch(100)) {
        await post(batch.crud.map((entry) => entry.toJSON()))
        await batch.complete()
      }
      resolve()
    }
    database
      .connect(
        {
          fetchCredentials: async () => ({ endpoint: `${source}/powersync`, token: 'stand-in' }),
          uploadData: () => uploadData().catch(reject),
        },
        { connectionMethod: SyncStreamConnectionMethod.HTTP },
      )
      .catch(reject)
    return promise
  },
  waiting: async (database) => (await database.get('select count(*) as found from ps_crud')).found,
})
