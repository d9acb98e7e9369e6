import { load, post, reportPush } from './peer.mjs'

const { Database, Model, appSchema, tableSchema } = load('@nozbe/watermelondb')
const SQLiteAdapter = load('@nozbe/watermelondb/adapters/sqlite').default
const { hasUnsyncedChanges, synchronize } = load('@nozbe/watermelondb/sync')
load('@nozbe/watermelondb/utils/common/logger').default.silence()

class Decision extends Model {
  static table = 'decisions'
}

const columns = ['batch_id', 'body'].map((name) => ({ name, type: 'string' }))
const schema = appSchema({ version: 1, tables: [tableSchema({ name: 'decisions', columns })] })

/* WatermelonDB on SQLite: its own `synchronize` sends everything that waits in one call. */
await reportPush({
  open: (folder) =>
    new Database({ adapter: new SQLiteAdapter({ schema, dbName: `${folder}/watermelon` }), modelClasses: [Decision] }),
  change: (database, rows) =>
    database.write(() =>
      database.batch(
        ...rows.map((row) =>
          database.get('decisions').prepareCreate((record) => {
            record._raw.id = row.id
            record._setRaw('batch_id', row.batch_id)
            record._setRaw('body', row.body)
          }),
        ),
      ),
    ),
  push: (database) =>
    synchronize({
      database,
      pullChanges: async () => ({ changes: {}, timestamp: 1 }),
      pushChanges: ({ changes }) => post([...changes.decisions.created, ...changes.decisions.updated]),
    }),
  waiting: async (database) => Number(await hasUnsyncedChanges({ database })),
})
