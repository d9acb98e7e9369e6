import { flat, load, pages, report } from './peer.mjs'

const { Database, Model, Q, appSchema, tableSchema } = load('@nozbe/watermelondb')
const SQLiteAdapter = load('@nozbe/watermelondb/adapters/sqlite').default
const { synchronize } = load('@nozbe/watermelondb/sync')
load('@nozbe/watermelondb/utils/common/logger').default.silence()

class Batch extends Model {
  static table = 'batches'
}

const indexed = ['batch_hash', 'project_id', 'date_submitted', 'risk_score']
const numbers = ['risk_score', 'version']
const optional = ['period_start', 'period_end', 'description', 'verification_score', 'verified_by', 'verified_at']
const names = [
  ...['batch_hash', 'user_id', 'project_id', 'standard', 'tons_or_kwh', 'location', 'date_submitted', 'status'],
  ...['calculated_plastic_credits', 'calculated_carbon_credits', 'risk_score', 'risk_reasons', 'content_hash'],
  ...['changed_at', 'version'],
  ...optional,
]
const schema = appSchema({
  version: 1,
  tables: [
    tableSchema({
      name: 'batches',
      columns: names.map((name) => ({
        name,
        type: numbers.includes(name) ? 'number' : 'string',
        isIndexed: indexed.includes(name),
        isOptional: optional.includes(name),
      })),
    }),
  ],
})

/** It keeps `updated_at` for a time of its own making. */
const renamed = ({ updated_at, ...row }) => ({ ...flat(row), changed_at: updated_at })

/* WatermelonDB on SQLite through its own `synchronize`, which takes a first copy as one set; four indexes, no full text. */
await report({
  open: (folder) =>
    new Database({ adapter: new SQLiteAdapter({ schema, dbName: `${folder}/watermelon` }), modelClasses: [Batch] }),
  mirror: (database) =>
    synchronize({
      database,
      sendCreatedAsUpdated: true,
      pullChanges: async () => {
        const updated = []
        for await (const rows of pages()) updated.push(...rows.map(renamed))
        return { changes: { batches: { created: [], updated, deleted: [] } }, timestamp: 1 }
      },
    }),
  find: (database) =>
    database
      .get('batches')
      .query(Q.where('risk_score', Q.gte(0)))
      .fetchCount(),
})
