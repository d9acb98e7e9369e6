import type pg from 'pg'
import { type BenchRow, percentile } from './bench-row.ts'
import { makeRegister, measureInTurn, standAs } from './cloud-register.ts'

const batches = 100_000
const limit = 1.3
const columns =
  'b.id, b.batch_hash, b.standard, b.tons_or_kwh, b.status, b.risk_score, b.date_submitted, b.project_id, b.version'

/** A queue as a person asks for it, and the same query word for word as the owner, whom no policy binds. */
const queues = [
  {
    name: 'what I review, by risk',
    as: 'verifier',
    sql: `select ${columns} from public.batches b
          join public.assignments a on a.batch_id = b.id and a.user_id = $1 and a.ended_at is null
          where b.status = 'under_review' order by b.risk_score desc, b.id limit 100`,
  },
  {
    name: 'the whole register, by risk',
    as: 'administrator',
    sql: `select ${columns} from public.batches b
          where b.status = 'under_review' and $1::uuid is not null order by b.risk_score desc, b.id limit 100`,
  },
  {
    name: 'what can be claimed, a page',
    as: 'verifier',
    sql: `select ${columns} from public.batches b
          where b.status = 'pending' and b.user_id <> $1
            and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
          order by b.project_id, b.id limit 100`,
  },
] as const

/** What policies cost: queue queries at 100,000 batches under them and as owner, taken in turn; medians, and the most of all. */
export async function benchPolicies(): Promise<BenchRow[]> {
  const register = await makeRegister(batches)
  try {
    const { cloud, verifiers, administrator } = register
    const owner = await cloud.connect()
    // Auth's own function for who is asking is not marked as safe for parallel plans, so what policies bind runs in one process. So does
    // the owner here: what is measured is the policies, not the second core.
    await owner.query('set max_parallel_workers_per_gather = 0')
    const rows: BenchRow[] = []
    for (const { name, as, sql } of queues) {
      const person = as === 'verifier' ? (verifiers[0] ?? '') : administrator
      const client = await standAs(cloud, person)
      const ask = (by: pg.Client) => async () => {
        const { rows: found } = await by.query({ name: `queue ${name}`, text: sql, values: [person] })
        if (found.length !== 100) throw new Error(`${name}: ${found.length} rows`)
      }
      const [bound = [], free = []] = await measureInTurn(60, [ask(client), ask(owner)])
      const [value, raw] = [percentile(bound, 0.5), percentile(free, 0.5)]
      rows.push({
        name: `policies: ${name}`,
        value: value / raw,
        unit: 'x',
        target: limit,
        better: 'lower',
        ok: value / raw <= limit,
        peer: { name: `as owner, ${value.toPrecision(3)} under policies`, value: raw, unit: 'ms' },
      })
      await client.query('rollback')
    }
    return rows
  } finally {
    await register.cloud.stop()
  }
}
