import { addEvidence, addPerson, addProject, publishRubric, startCloud } from '../../supabase/tests/support.ts'
import { type BenchRow, percentile } from './bench-row.ts'

const rows = 5_000
const rounds = 4
const limit = 1.7

/** What is inserted in one statement: pending batches into the register and the pool, and evidence of batches under review. */
const inserts = {
  batches: `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted, description, status)
            select p.user_id, p.id, 'APRS', 10.5 + n % 1000, 'Mombasa', date '2026-03-01' + n % 200, 'Batch ' || n, 'pending'
            from public.projects p, generate_series(1, $1::integer) n`,
  evidence_files: `insert into public.evidence_files (batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, uploaded_by)
            select b.id, 'batch-photos', b.id || '/' || n || '.jpg', encode(sha256((b.id::text || n)::bytea), 'hex'), 1000, 'image/jpeg',
              'photo', 'Bales', b.user_id
            from public.batches b, generate_series(1, $1::integer / 500) n where b.status = 'under_review'`,
} as const

/**
 * What the change feed adds to a bulk insert: the same statement with and without the feed's triggers, in turn, with all that is written beside it
 * and without the audit trail and events; medians.
 */
export async function benchFeed(): Promise<BenchRow[]> {
  const cloud = await startCloud()
  try {
    const { owner } = cloud
    await publishRubric(owner)
    const recycler = await addPerson(owner, { role: 'recycler' })
    const verifier = await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier' })
    const project = await addProject(owner, recycler)
    const { rows: made } = await owner.query<{ id: string }>(
      `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted, status)
       select $1, $2, 'APRS', 10, 'Mombasa', date '2026-03-01', 'under_review' from generate_series(1, 500) returning id`,
      [recycler, project],
    )
    await owner.query(
      `insert into public.assignments (batch_id, user_id, role) select b, $2, 'desk_verifier' from unnest($1::uuid[]) b`,
      [made.map(({ id }) => id), verifier],
    )
    await addEvidence(owner, made[0]?.id ?? '', recycler)
    await owner.query('analyze')
    // Whatever else is written beside a row, by the names of the triggers that do it.
    const { rows: beside } = await owner.query<{ table: keyof typeof inserts; name: string }>(
      `select tgrelid::regclass::text as table, quote_ident(tgname) as name from pg_trigger
       where tgrelid in ('public.batches'::regclass, 'public.evidence_files'::regclass) and not tgisinternal
         and tgtype & 2 = 0 and tgname not like 'feed%' and tgname not like '%content%'`,
    )
    const besides = { batches: [] as string[], evidence_files: [] as string[] }
    for (const { table, name } of beside) besides[table].push(name)
    const insert = async (table: keyof typeof inserts, fed: boolean, alone: boolean): Promise<number> => {
      await owner.query('begin')
      if (alone)
        for (const trigger of besides[table])
          await owner.query(`alter table public.${table} disable trigger ${trigger}`)
      if (!fed) await owner.query(`alter table public.${table} disable trigger feed_${table}_insert`)
      const started = performance.now()
      await owner.query(inserts[table], [rows])
      const milliseconds = performance.now() - started
      await owner.query('rollback')
      return milliseconds
    }
    const measured: BenchRow[] = []
    for (const [table, alone] of [
      ['batches', false],
      ['batches', true],
      ['evidence_files', false],
      ['evidence_files', true],
    ] as const) {
      const [fed, bare]: [number[], number[]] = [[], []]
      for (let round = -1; round < rounds; round++) {
        const pair = [await insert(table, true, alone), await insert(table, false, alone)] as const
        if (round < 0) continue
        fed.push(pair[0])
        bare.push(pair[1])
      }
      const [value, raw] = [percentile(fed, 0.5), percentile(bare, 0.5)]
      measured.push({
        name: `change feed: ${rows.toLocaleString('en')} ${table} ${alone ? 'without trail and events' : 'in one statement'}`,
        value: value / raw,
        unit: 'x',
        target: limit,
        better: 'lower',
        ok: value / raw <= limit,
        peer: { name: `without the feed, ${value.toFixed(0)} with it`, value: raw, unit: 'ms' },
      })
    }
    return measured
  } finally {
    await cloud.stop()
  }
}
