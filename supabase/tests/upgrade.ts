import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import type { MutationDto } from '../../shared/wire/sync.ts'
import { migrate } from '../../tools/local-cloud/index.ts'
import { batchNow, decision, mutation, push } from './mutations.ts'
import { migrationsDirectory, openSession, type Session, smallRubric } from './support.ts'

/** The first file that came after the release that is upgraded from. */
const NEXT_RELEASE = '20261121'

/** Applies the migrations of the previous release only, and says how many there were. */
export const migrateToPreviousRelease = async (client: pg.Client): Promise<number> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-release-'))
  try {
    for (const file of readdirSync(migrationsDirectory))
      if (file < NEXT_RELEASE) cpSync(path.join(migrationsDirectory, file), path.join(folder, file))
    return (await migrate(client, folder)).length
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** People and batches of a register as the previous release would have filled it. */
export interface SmallRegister {
  readonly recycler: string
  readonly desk: string
  readonly auditor: string
  readonly compliance: string
  /** Under review by the desk verifier, with scores and a finding. */
  readonly open: readonly string[]
  /** One of each further state, by its name. */
  readonly settled: Readonly<Record<'approved' | 'rejected' | 'verified', string>>
  /** A change of the desk verifier's that was applied. */
  readonly applied: MutationDto
}

/*
 * Nothing of support.ts is used to write rows: it follows the newest schema, and these rows are those of a release that is out.
 */
const insertPerson = async (
  client: pg.Client,
  role: string,
  subRole: string | null,
  organization: string | null,
): Promise<string> => {
  const id = randomUUID()
  await client.query('insert into auth.users (id, email, raw_user_meta_data) values ($1, $2, $3)', [
    id,
    `${id}@example.org`,
    JSON.stringify({ name: `${subRole ?? role} of the previous release` }),
  ])
  await client.query(
    `update public.users set role = $2, sub_role = $3, organization_id = $4, approval_status = 'approved' where id = $1`,
    [id, role, subRole, organization],
  )
  return id
}

const insertOrganization = async (client: pg.Client, name: string): Promise<string> => {
  const { rows } = await client.query<{ id: string }>(
    `insert into public.organizations (name, kind, country) values ($1, 'other', 'KE') returning id`,
    [name],
  )
  return rows[0]?.id ?? ''
}

const insertBatches = async (client: pg.Client, recycler: string): Promise<readonly string[]> => {
  const { rows: projects } = await client.query<{ id: string }>(
    `insert into public.projects (user_id, name, standard, location) values ($1, 'Shore cleaning', 'APRS', 'Mombasa'),
       ($1, 'River cleaning', 'APRS', 'Kisumu') returning id`,
    [recycler],
  )
  const { rows } = await client.query<{ id: string }>(
    `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted, description)
     select $1, p, 'APRS', 10.25 + n, 'Mombasa', date '2026-03-01' + n, 'Batch ' || n
     from generate_series(1, 6) n cross join unnest($2::uuid[]) p returning id`,
    [recycler, projects.map(({ id }) => id)],
  )
  for (const [index, { id }] of rows.entries()) {
    await client.query('select public.calculate_batch_credits($1)', [id])
    if (index % 2 === 0)
      await client.query(
        `insert into public.evidence_files (batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, uploaded_by)
         values ($1::uuid, 'batch-photos', $1::text || '.jpg', encode(sha256($1::text::bytea), 'hex'), 1000, 'image/jpeg', 'photo', 'Bales', $2)`,
        [id, recycler],
      )
  }
  return rows.map(({ id }) => id)
}

const scoresOf = (batch: string, rubric: string) =>
  smallRubric.criteria.map(({ code }) =>
    mutation('score.set', batch, {
      rubric_id: rubric,
      criterion_code: code,
      points: 4,
      not_applicable_reason: null,
      note: '',
      evidence_ids: [],
    }),
  )

const mustApply = async (session: Session, mutations: Parameters<typeof push>[1]): Promise<void> => {
  for (const { status, code } of await push(session, mutations))
    if (status !== 'applied') throw new Error(`the previous release refused a change: ${code}`)
}

/** Fills the previous release with people, batches in several states, a review with scores and findings, and decisions, made by its own functions. */
export const fillRegister = async (client: pg.Client): Promise<SmallRegister> => {
  const works = await insertOrganization(client, 'Works')
  const body = await insertOrganization(client, 'Verification body')
  const recycler = await insertPerson(client, 'recycler', null, works)
  const desk = await insertPerson(client, 'verifier', 'desk_verifier', body)
  const auditor = await insertPerson(client, 'verifier', 'accredited_auditor', null)
  const compliance = await insertPerson(client, 'verifier', 'desk_verifier', null)
  await client.query(`insert into public.user_grants (user_id, grant_name) values ($1, 'compliance')`, [compliance])
  const { rows: published } = await client.query<{ id: string }>(
    `select public.publish_rubric('APRS', 'Rubric', $1) -> 'row' ->> 'id' as id`,
    [JSON.stringify(smallRubric)],
  )
  const rubric = published[0]?.id ?? ''
  const batches = await insertBatches(client, recycler)
  const claimed = batches.slice(0, 7)
  const review = openSession(client, desk)
  const claims = claimed.map((id) =>
    mutation('batch.claim', id, { assignment_id: randomUUID() }, { base_version: 1, row_id: id }),
  )
  await mustApply(review, claims)
  const [applied] = claims
  if (applied === undefined) throw new Error('nothing was claimed')
  const [open = '', openToo = '', , approved = '', rejected = '', verified = ''] = claimed
  await mustApply(review, [
    ...scoresOf(open, rubric),
    mutation('finding.raise', open, {
      round_id: randomUUID(),
      kind: 'cl',
      title: 'Unclear',
      description: 'A weight note is missing.',
      criterion_code: null,
      evidence_file_id: null,
      due_at: null,
      misstatement: null,
    }),
  ])
  for (const id of [approved, verified]) await mustApply(review, [decision(id, await batchNow(client, id))])
  await mustApply(review, [
    decision(rejected, await batchNow(client, rejected), { action: 'reject', reason_code: 'evidence_missing' }),
  ])
  await client.query(`insert into public.assignments (batch_id, user_id, role) values ($1, $2, 'accredited_auditor')`, [
    verified,
    auditor,
  ])
  const audit = openSession(client, auditor)
  await mustApply(audit, [
    ...scoresOf(verified, rubric),
    decision(verified, await batchNow(client, verified), {
      action: 'verify',
      reason_code: 'verified',
      score: '4.00',
      rubric_id: rubric,
      opinion: 'unmodified',
      assurance_level: 'limited',
    }),
  ])
  return {
    recycler,
    desk,
    auditor,
    compliance,
    open: [open, openToo],
    settled: { approved, rejected, verified },
    applied,
  }
}

/** Every row of every table, as JSON by table. */
export const readEverything = async (
  client: pg.Client,
  tables: readonly string[],
): Promise<Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>> => {
  const read: Record<string, readonly Readonly<Record<string, unknown>>[]> = {}
  for (const table of tables) {
    const { rows } = await client.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from public.${table} t order by to_jsonb(t)::text`,
    )
    read[table] = rows.map(({ row }) => row)
  }
  return read
}
