import pg from 'pg'
import type { CloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'

/** An earlier state of a cloud that can be gone back to as often as wanted. */
export interface CloudBackup {
  /** Puts everything back as it was, as after the loss of a server. Answers with the changes that the cloud does not know any more. */
  readonly restore: () => Promise<readonly string[]>
  readonly drop: () => Promise<void>
}

/**
 * The tables whose rows are part of a backup, and their columns that are stored and not computed; as in `tools/cloud-operations`, but
 * without accounts and stored files: sessions outlive a restore here, and whoever is asked for the password is another test's concern.
 */
const TABLES = `
select format('%I.%I', n.nspname, c.relname) as name, a.columns, a.values
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select string_agg(quote_ident(attname), ', ' order by attnum) as columns,
    string_agg('(v).' || quote_ident(attname), ', ' order by attnum) as values
  from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''
) a
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p' and n.nspname in ('public', 'private')
  and (n.nspname, c.relname) <> ('public', 'sync_feed')
order by 1`

/** What PostgreSQL says to one of those who wait for each other (SQLSTATE, class 40). */
const deadlock = '40P01'

interface Table {
  readonly name: string
  readonly columns: string
  readonly values: string
}

/** A version of a row that was touched since the backup: changed, deleted, or only locked. */
interface Touched {
  readonly name: string
  readonly place: string
  readonly row: string
}

/**
 * Keeps the rows of a cloud as they are now, of one moment, ledger and decisions among them: a reader that stays at its snapshot is the
 * backup, and costs nothing to take. A restore goes the way of a real one: rows behind the triggers' back, then
 * `private.finish_restore()`, which makes the feed anew and begins another epoch. Sequences stay where they are, as that procedure
 * would move them on. Nobody else may be writing when it is taken; whoever is when it is restored has come before that.
 */
export async function takeCloudBackup({ owner, databaseUrl }: CloudFixture): Promise<CloudBackup> {
  const then = new pg.Client({ connectionString: databaseUrl })
  await then.connect()
  await then.query('begin isolation level repeatable read read only')
  const snapshot = (await then.query<{ s: string }>('select pg_current_snapshot()::text as s')).rows[0]?.s ?? ''
  const { rows: tables } = await then.query<Table>(TABLES)
  return {
    async restore() {
      const before = await inOneTransaction(owner, async () => {
        // A workstation that was cut off may have left the cloud in the middle of a change. Each change writes an entry, and has ended when
        // this is given; one that comes to its entry later waits, and is of the restored cloud.
        await owner.query('lock table public.audit_logs in share row exclusive mode')
        const applied = await appliedMutations(owner)
        const { rows: touched } = await then.query<Touched>(tables.map(touchedSince).join(' union all '))
        await owner.query("set local session_replication_role = 'replica'")
        await owner.query(tables.map(({ name }) => deleteLater(name, snapshot)).join(';'))
        for (const table of tables) {
          const rows = touched.filter(({ name }) => name === table.name)
          if (rows.length > 0) await putBack(owner, table, rows)
        }
        await owner.query("set local session_replication_role = 'origin'")
        return applied
      })
      const { rows } = await owner.query<{ ok: boolean; report: string }>(
        "select (r ->> 'ok')::boolean as ok, r::text as report from private.finish_restore() r",
      )
      if (rows[0]?.ok !== true) throw new Error(`The restored cloud does not hold together: ${rows[0]?.report}`)
      const still = new Set(await appliedMutations(owner))
      return before.filter((mutationId) => !still.has(mutationId))
    },
    drop: () => then.end(),
  }
}

const appliedMutations = async (owner: pg.Client): Promise<readonly string[]> =>
  (
    await owner.query<{ mutation_id: string }>("select mutation_id from public.sync_mutations where status = 'applied'")
  ).rows.map(({ mutation_id }) => mutation_id)

/** Versions of then that were changed, deleted or locked since, as the backup still sees them. */
const touchedSince = ({ name }: Table): string =>
  `select '${name}' as name, t.tableoid || t.ctid::text as place, t::text as row from ${name} t where t.xmax <> '0'::xid`

/** Versions of rows that were written after the backup. A cluster of a test never comes to its second round of transaction numbers. */
const deleteLater = (name: string, snapshot: string): string =>
  `delete from ${name} t where not pg_visible_in_snapshot(t.xmin::text::xid8, '${snapshot}')`

/** Versions of then, in place of what is left of them. */
async function putBack(owner: pg.Client, { name, columns, values }: Table, rows: readonly Touched[]): Promise<void> {
  await owner.query(`delete from ${name} t where t.tableoid || t.ctid::text = any ($1)`, [
    rows.map(({ place }) => place),
  ])
  await owner.query(
    `insert into ${name} (${columns}) overriding system value
     select ${values} from (select r::${name} as v from unnest($1::text[]) r) x`,
    [rows.map(({ row }) => row)],
  )
}

/** In a transaction; once more where it and another change waited for each other, and this one had to give way. */
async function inOneTransaction<Value>(owner: pg.Client, work: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries += 1) {
    await owner.query('begin')
    try {
      const value = await work()
      await owner.query('commit')
      return value
    } catch (error) {
      await owner.query('rollback')
      if (tries === 5 || !(error instanceof pg.DatabaseError && error.code === deadlock)) throw error
    }
  }
}
