import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { verifyAuditChain } from '../../shared/domain/verify-audit-chain.ts'
import { auditDigest, readAuditChain } from '../audit-chain/read-audit-chain.ts'
import { migrate, prepareDatabase, type RunningPostgres, startPostgres } from '../local-cloud/index.ts'
import { type BenchRow, percentile } from './bench-row.ts'

const migrations = path.join(import.meta.dirname, '../../supabase/migrations')
const bulk = 100_000
const inserts = 1_000
const writers = 8

/** Tables with the columns of batches: one audited as all are, one as the log was before it was a chain, one not at all. */
const TABLES = `
create table public.bench_chained (like public.batches including defaults);
create table public.bench_logged (like public.batches including defaults);
create table public.bench_bare (like public.batches including defaults);
select private.audit_table('public.bench_chained');
create table public.bench_log (
  id uuid default gen_random_uuid() primary key, user_id uuid references public.users (id), action text not null, table_name text,
  record_id uuid, old_values jsonb, new_values jsonb, ip_address inet, user_agent text, created_at timestamptz default now()
);
create index on public.bench_log (user_id);
create index on public.bench_log (table_name, record_id, created_at);
create index on public.bench_log (created_at);
create function public.bench_log() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  end if;
  insert into public.bench_log (user_id, action, table_name, record_id, old_values, new_values)
  values (auth.uid(), tg_op, tg_table_name, new.id, case when tg_op = 'UPDATE' then to_jsonb(old) end, to_jsonb(new));
  return null;
end
$$;
create trigger bench_log after insert or update on public.bench_logged for each row execute function public.bench_log();
`

const insertInto = (table: string, count: number): string => `
insert into public.${table} (id, user_id, project_id, batch_hash, standard, tons_or_kwh, location, date_submitted, description,
  content_hash)
select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'BATCH-' || md5(n::text), 'APRS', 10.25 + n,
  'Jalan Kembang ' || n || ', Surabaya', date '2026-01-01', 'Sorted bottles, washed and baled, lot ' || n, repeat('a', 64)
from generate_series(1, ${count}) n`

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

/** Median milliseconds of a row that is inserted in a transaction of its own. */
const singleInsert = async (client: pg.Client, table: string): Promise<number> => {
  const samples: number[] = []
  for (let run = 0; run < inserts; run++)
    samples.push((await secondsOf(() => client.query(insertInto(table, 1)))) * 1000)
  return percentile(samples, 0.5)
}

/** Commits in a second of so many connections that write at once. */
const commitRate = async (connections: readonly pg.Client[], table: string): Promise<number> => {
  const each = inserts / connections.length
  const seconds = await secondsOf(() =>
    Promise.all(
      connections.map(async (client) => {
        for (let run = 0; run < each; run++) await client.query(insertInto(table, 1))
      }),
    ),
  )
  return inserts / seconds
}

/** Entries in a second if the check did nothing but one pass of SHA-256 over what it hashes. */
const rawRate = async (client: pg.Client, entries: number): Promise<number> => {
  const { rows } = await client.query<{ bytes: number }>(
    `select sum(octet_length(private.audit_entry_text(l)) + coalesce(octet_length(l.old_values::text), 0)
       + coalesce(octet_length(l.new_values::text), 0) + 32)::float8 as bytes from public.audit_logs l`,
  )
  const block = Buffer.alloc(1 << 20, 'a')
  const seconds = await secondsOf(async () => {
    const hash = createHash('sha256')
    for (let left = rows[0]?.bytes ?? 0; left > 0; left -= block.length) hash.update(block)
    hash.digest()
  })
  return entries / seconds
}

const rate = (name: string, value: number, unit: string, target: number, peer?: BenchRow['peer']): BenchRow => ({
  name,
  value,
  unit,
  target,
  better: 'higher',
  ok: value >= target,
  ...(peer === undefined ? {} : { peer }),
})

const benchWriting = async (owner: pg.Client, connections: readonly pg.Client[]): Promise<BenchRow[]> => {
  const bare = await singleInsert(owner, 'bench_bare')
  const logged = await singleInsert(owner, 'bench_logged')
  const chained = await singleInsert(owner, 'bench_chained')
  const loggedCommits = await commitRate(connections, 'bench_logged')
  const chainedCommits = await commitRate(connections, 'bench_chained')
  const loggedSeconds = await secondsOf(() => owner.query(insertInto('bench_logged', bulk)))
  const chainedSeconds = await secondsOf(() => owner.query(insertInto('bench_chained', bulk)))
  return [
    {
      name: `audited insert, its own transaction (${bare.toFixed(2)} ms without audit)`,
      value: chained,
      unit: 'ms',
      target: 5,
      better: 'lower',
      ok: chained < 5,
      peer: { name: 'audited without a chain', value: logged, unit: 'ms' },
    },
    rate(`audited commits of ${writers} writers`, chainedCommits, '/s', 200, {
      name: 'audited without a chain',
      value: loggedCommits,
      unit: '/s',
    }),
    rate('100,000 audited rows in one transaction', bulk / chainedSeconds, 'rows/s', 2_000, {
      name: 'audited without a chain',
      value: bulk / loggedSeconds,
      unit: 'rows/s',
    }),
  ]
}

const benchChecking = async (owner: pg.Client): Promise<BenchRow[]> => {
  const here = await readAuditChain(owner)
  const hereSeconds = await secondsOf(async () => {
    const answer = verifyAuditChain(here, auditDigest)
    if (!answer.ok) throw new Error('The chain is broken.')
  })
  await owner.query(`update public.bench_chained set description = description || ', weighed again'`)
  await owner.query('analyze public.audit_logs, public.audit_seals')
  let entries = 0
  const check = async () => {
    const { rows } = await owner.query<{ answer: { ok: boolean; entries: number } }>(
      'select public.verify_audit_chain() as answer',
    )
    if (rows[0]?.answer.ok !== true) throw new Error('The chain is broken.')
    entries = rows[0].answer.entries
  }
  // The fastest of three: what else the machine does only ever adds.
  const seconds = Math.min(await secondsOf(check), await secondsOf(check), await secondsOf(check))
  const raw = { name: 'SHA-256 of the same bytes, one pass', value: await rawRate(owner, entries), unit: 'events/s' }
  return [
    rate(
      `check of ${entries.toLocaleString('en')} entries, one SQL function`,
      entries / seconds,
      'events/s',
      50_000,
      raw,
    ),
    rate(
      `check of ${here.entries.length.toLocaleString('en')} entries, TypeScript`,
      here.entries.length / hereSeconds,
      'events/s',
      50_000,
    ),
  ]
}

/** The audit chain on a durable PostgreSQL: what writing costs with and without it, and how fast it is checked. */
export async function benchCloudChain(): Promise<BenchRow[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'veridesk-chain-'))
  const open: pg.Client[] = []
  let server: RunningPostgres | null = null
  try {
    const running = await startPostgres({ dataDirectory: folder })
    server = running
    const connect = async (): Promise<pg.Client> => {
      const client = new pg.Client({ connectionString: running.connectionString })
      await client.connect()
      open.push(client)
      return client
    }
    const owner = await connect()
    await prepareDatabase(owner)
    await migrate(owner, migrations)
    await owner.query(TABLES)
    const connections = await Promise.all(Array.from({ length: writers }, connect))
    return [...(await benchWriting(owner, connections)), ...(await benchChecking(owner))]
  } finally {
    await Promise.all(open.map((client) => client.end()))
    await server?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
