import type { ClientBase } from 'pg'
import type { Row } from '../plan/reviews.ts'

/** Rows per statement: large enough to be quick, small enough to stay far below the server's limits. */
const CHUNK = 5000

const name = /^[a-z_][a-z0-9_]*$/

/** Inserts rows into a table of `public`, thousands per statement. All rows have the columns of the first. */
export const insertRows = async (client: ClientBase, table: string, rows: readonly Row[]): Promise<void> => {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first)
  if (![table, ...columns].every((identifier) => name.test(identifier)))
    throw new RangeError(`${table}: bad identifier`)
  const list = columns.join(', ')
  for (let start = 0; start < rows.length; start += CHUNK) {
    await client.query(
      `insert into public.${table} (${list}) select ${list} from jsonb_populate_recordset(null::public.${table}, $1::jsonb)`,
      [JSON.stringify(rows.slice(start, start + CHUNK))],
    )
  }
}

/** Inserts batches with the credits that the rule of their standard gives. */
export const insertBatches = async (client: ClientBase, rows: readonly Row[]): Promise<void> => {
  // The trigger would draw a random public id; the register must be the same for the same seed.
  await client.query('alter table public.batches disable trigger generate_batch_hash_trigger')
  const columns = Object.keys(rows[0] ?? {}).join(', ')
  const given = Object.keys(rows[0] ?? {})
    .map((column) => `given.${column}`)
    .join(', ')
  for (let start = 0; start < rows.length; start += CHUNK) {
    await client.query(
      `insert into public.batches (${columns}, calculated_plastic_credits, calculated_carbon_credits)
       select ${given}, given.tons_or_kwh * rule.plastic_per_unit, given.tons_or_kwh * rule.carbon_per_unit
       from jsonb_populate_recordset(null::public.batches, $1::jsonb) as given
       join public.credit_rules rule on rule.standard = given.standard`,
      [JSON.stringify(rows.slice(start, start + CHUNK))],
    )
  }
  await client.query('alter table public.batches enable trigger generate_batch_hash_trigger')
}

/** Inserts decisions, each bound to the content hash that its batch has now. */
export const insertDecisions = async (client: ClientBase, rows: readonly Row[]): Promise<void> => {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first)
  for (let start = 0; start < rows.length; start += CHUNK) {
    await client.query(
      `insert into public.decisions (${columns.join(', ')}, content_hash)
       select ${columns.map((column) => `given.${column}`).join(', ')}, batch.content_hash
       from jsonb_populate_recordset(null::public.decisions, $1::jsonb) as given
       join public.batches batch on batch.id = given.batch_id`,
      [JSON.stringify(rows.slice(start, start + CHUNK))],
    )
  }
}
