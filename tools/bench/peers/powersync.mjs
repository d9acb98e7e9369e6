import { Worker } from 'node:worker_threads'
import { count, report, source } from './peer.mjs'

const { PowerSyncDatabase, Schema, SyncStreamConnectionMethod, Table, column } = await import('@powersync/node')

const texts = [
  ...['batch_hash', 'user_id', 'project_id', 'standard', 'tons_or_kwh', 'location', 'date_submitted', 'period_start'],
  ...['period_end', 'description', 'status', 'calculated_plastic_credits', 'calculated_carbon_credits'],
  ...['verification_score', 'verified_by', 'verified_at', 'risk_reasons', 'content_hash', 'updated_at'],
]
const batches = new Table(
  {
    ...Object.fromEntries(texts.map((name) => [name, column.text])),
    risk_score: column.integer,
    version: column.integer,
  },
  { indexes: { hash: ['batch_hash'], project: ['project_id'], submitted: ['date_submitted'], risk: ['risk_score'] } },
)

/* PowerSync's client for Node against a stand-in of its service, which streams one bucket; four indexes, no full text. */
await report({
  async open(folder) {
    const database = new PowerSyncDatabase({
      schema: new Schema({ batches }),
      database: {
        dbFilename: 'powersync.db',
        dbLocation: folder,
        openWorker: (_, options) => new Worker(new URL('./powersync-worker.mjs', import.meta.url), options),
      },
    })
    await database.init()
    return database
  },
  async mirror(database) {
    void database.connect(
      {
        fetchCredentials: async () => ({ endpoint: `${source}/powersync`, token: 'stand-in' }),
        uploadData: async () => {},
      },
      { connectionMethod: SyncStreamConnectionMethod.HTTP },
    )
    await database.waitForFirstSync()
  },
  async find(database) {
    const { found } = await database.get('select count(*) as found from batches where risk_score >= 0')
    return Math.min(found, count)
  },
})
