import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MutationDto } from '../../shared/wire/sync.ts'
import { addMember, addOrganizationOfKind, type Member } from './bodies.ts'
import { mutation, pushOne } from './mutations.ts'
import {
  addBatches,
  addEvidence,
  addPerson,
  addProject,
  assign,
  type Cloud,
  SERVER_TEST_MS,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let recycler: Member
let batch: string
beforeAll(async () => {
  cloud = await startCloud()
  recycler = await addMember(cloud, { role: 'recycler' })
  batch = (await addBatches(cloud.owner, await addProject(cloud.owner, recycler.id), 1))[0] ?? ''
}, timeout)
afterAll(() => cloud.stop())

const owner = <Row extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []) =>
  cloud.owner.query<Row>(sql, [...values]).then(({ rows }) => rows)

test('a row of evidence opens no file of anybody else', { timeout }, async () => {
  const victim = await addPerson(cloud.owner, { role: 'recycler' })
  const [theirs = ''] = await addBatches(cloud.owner, await addProject(cloud.owner, victim), 1)
  const evidence = await addEvidence(cloud.owner, theirs, victim)
  const [file] = await owner<{ path: string }>(
    `insert into storage.objects (bucket_id, name)
     select e.bucket, e.object_path from public.evidence_files e where e.id = $1 returning name as path`,
    [evidence],
  )
  const insert = `insert into public.evidence_files (batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, uploaded_by)
                  values ($1, 'batch-photos', $2, repeat('a', 64), 1, 'image/jpeg', 'photo', 'x', $3)`
  const own = `${recycler.id}/${batch}/bales.jpg`
  for (const path of [file?.path, `${recycler.id}`, `${recycler.id}0/x`, `${recycler.id}/../${file?.path}`, ''])
    await expect(recycler.session.query(insert, [batch, path, recycler.id]), path).rejects.toMatchObject({
      code: '42501',
    })
  await recycler.session.query(insert, [batch, own, recycler.id])
  expect(await recycler.session.query(`select name from storage.objects where name = $1`, [file?.path])).toEqual([])
})

test('an insert that is skipped leaves the secret of another’s webhook as it is', { timeout }, async () => {
  const attacker = await addMember(cloud, { role: 'buyer' })
  const hook = await recycler.session.call<{ id: string; secret: string }>('create_webhook', {
    p_name: 'Mine',
    p_url: 'https://example.org/events',
    p_events: ['batch.created'],
  })
  const secret = () => owner('select secret from private.webhook_secrets where webhook_id = $1', [hook.id])
  const insert = `insert into public.webhooks (id, user_id, name, url, events, secret)
                  values ($1, $2, 'x', 'https://example.org/', '{batch.created}', 'known to the attacker') on conflict do nothing`
  await expect(attacker.session.query(insert, [hook.id, attacker.id])).rejects.toMatchObject({
    code: 'PT409',
    detail: 'id_taken',
  })
  expect(await secret()).toEqual([{ secret: hook.secret }])
  await recycler.session.call('delete_webhook', { p_webhook: hook.id })
  await expect(attacker.session.query(insert, [hook.id, attacker.id])).rejects.toMatchObject({ detail: 'id_taken' })
  expect(await secret()).toEqual([])
  await attacker.session.query(insert, [randomUUID(), attacker.id])
})

test('a conflict that is declared again with an earlier date does not end earlier', { timeout }, async () => {
  const auditor = await addMember(cloud, { role: 'verifier', subRole: 'accredited_auditor' })
  const [approved = ''] = await addBatches(cloud.owner, await addProject(cloud.owner, recycler.id), 1, 'approved')
  await assign(cloud.owner, [approved], auditor.id, 'accredited_auditor')
  const declare = (said: 'none' | 'conflict', rest: Partial<MutationDto> = {}) =>
    pushOne(
      auditor.session,
      mutation(
        'independence.declare',
        approved,
        { declaration: said, statement: '' },
        { occurred_at: new Date().toISOString(), clock_offset_ms: 0, ...rest },
      ),
    )
  const ends = async () =>
    (
      await owner<{ ends: string }>(
        `select valid_until::text as ends from public.access_grants
         where user_id = $1 and kind = 'independence' and revoked_at is null`,
        [auditor.id],
      )
    ).map((row) => row.ends)
  expect(await declare('conflict')).toMatchObject({ status: 'applied' })
  const before = await ends()
  for (const years of [2, 20]) {
    const past = new Date(Date.now() - years * 366 * 86_400_000).toISOString()
    expect(await declare('conflict', { occurred_at: past })).toMatchObject({ status: 'applied' })
    expect(await ends()).toEqual(before)
  }
  expect(await declare('conflict', { clock_offset_ms: -2_000_000_000 })).toMatchObject({ status: 'applied' })
  expect(await declare('none')).toMatchObject({ status: 'rejected', code: 'conflict_declared' })
})

test('an administrator of a verification body reads the reports of its people and of nobody else', {
  timeout,
}, async () => {
  const body = await addOrganizationOfKind(cloud.owner, 'Body', 'verification_body')
  const verifier = { role: 'verifier', subRole: 'desk_verifier' } as const
  const bound = await addMember(cloud, { role: 'admin', organizationId: body })
  const colleague = await addMember(cloud, { ...verifier, organizationId: body })
  const stranger = await addMember(cloud, verifier)
  const unbound = await addMember(cloud, { role: 'admin' })
  for (const { id, session } of [colleague, stranger]) {
    const made = await session.call<{ id: string }>('subscribe_to_report', { p_kind: 'batches', p_schedule: 'daily' })
    await owner(
      `insert into public.report_runs (subscription_id, user_id, period_start, period_end) values ($1, $2, now() - interval '1 day', now())`,
      [made.id, id],
    )
  }
  const both = [colleague.id, stranger.id].sort()
  for (const table of ['report_subscriptions', 'report_runs']) {
    const seen = async ({ session }: Member) =>
      (await session.query<{ user_id: string }>(`select user_id from public.${table} order by 1`)).map(
        (row) => row.user_id,
      )
    expect(await seen(unbound), table).toEqual(both)
    expect(await seen(bound), table).toEqual([colleague.id])
    expect(await seen(colleague), table).toEqual([colleague.id])
  }
})

test('a session that was ended does nothing more in its person’s name', { timeout }, async () => {
  const administrator = await addPerson(cloud.owner, { role: 'admin' })
  const target = await addPerson(cloud.owner, { role: 'buyer' })
  const device = randomUUID()
  await owner('insert into public.devices (id, user_id, revoked_at) values ($1, $2, now())', [device, administrator])
  const session = randomUUID()
  await owner('insert into auth.sessions (id, user_id) values ($1, $2)', [session, administrator])
  const client = await cloud.connect()
  const run = async (statement: string, values: readonly unknown[]) => {
    await client.query('begin')
    try {
      await client.query(`select set_config('request.jwt.claims', $1, true)`, [
        JSON.stringify({ sub: administrator, role: 'authenticated', session_id: session }),
      ])
      await client.query('set local role authenticated')
      await client.query(statement, [...values])
    } finally {
      await client.query('rollback')
    }
  }
  const calls = [
    ['select public.change_person($1, $2)', [target, { active: false }]],
    ['select public.trust_device($1, $2)', [device, administrator]],
    ['select public.export_person_data($1)', [target]],
    ['select public.export_person_data($1)', [administrator]],
    [
      `select public.create_agent_key($1, 'mine', '{export.batches}')`,
      [await addOrganizationOfKind(cloud.owner, 'R', 'registry')],
    ],
  ] as const
  for (const [statement, values] of calls) await run(statement, values)
  await owner('select private.end_sessions($1)', [administrator])
  for (const [statement, values] of calls)
    await expect(run(statement, values), statement).rejects.toMatchObject({ code: 'PT401', detail: 'session_ended' })
})

test('a person’s export tells what they did to others, and nothing personal of those', { timeout }, async () => {
  const mark = `q${randomUUID().slice(0, 8)}`
  const former = await addMember(cloud, { role: 'admin' })
  const applicant = await addPerson(cloud.owner, { role: 'buyer', approval: 'pending', name: `Wangari ${mark}` })
  await owner(
    `update public.users set mobile = $2, license_number = $2, compliance_certifications = array[$2] where id = $1`,
    [applicant, mark],
  )
  const device = randomUUID()
  await owner(`insert into public.devices (id, user_id, name) values ($1, $2, $3)`, [device, applicant, mark])
  await former.session.call('change_person', { p_user: applicant, p_changes: { approval_status: 'approved' } })
  await former.session.call('trust_device', { p_device: device, p_user: applicant })
  await former.session.call('request_erasure', { p_user: applicant, p_reason: mark })
  await owner(`update public.users set active = false, mobile = '+254 700' where id = $1`, [former.id])
  const answer = await former.session.call<{ tables: Record<string, Record<string, unknown>[]> }>(
    'export_person_data',
    {
      p_user: former.id,
    },
  )
  expect(JSON.stringify(answer)).not.toContain(mark)
  expect(answer.tables.users).toHaveLength(2)
  expect(answer.tables.users).toContainEqual(expect.objectContaining({ id: former.id, mobile: '+254 700' }))
  expect(answer.tables.users).toContainEqual(expect.objectContaining({ id: null, approved_by: former.id, email: null }))
  expect(answer.tables.devices).toEqual([expect.objectContaining({ trusted_by: former.id, name: null, user_id: null })])
  expect(answer.tables.audit_logs).toContainEqual(
    expect.objectContaining({ table_name: 'users', action: 'UPDATE', record_id: applicant, new_values: null }),
  )
  // The same rows tell the applicant all of it.
  const whole = await (await cloud.openAs(applicant)).call<typeof answer>('export_person_data', { p_user: applicant })
  expect(whole.tables.users).toEqual([expect.objectContaining({ mobile: mark, approved_by: former.id })])
  expect(whole.tables.devices).toEqual([expect.objectContaining({ name: mark })])
})

test('a batch of NaN tonnes, which no purchase would ever sell out, is not taken', { timeout }, async () => {
  const project = await addProject(cloud.owner, recycler.id)
  const submit = (tons: string) =>
    recycler.session.query<{ id: string }>(
      `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted)
       values ($1, $2, 'APRS', $3, 'Mombasa', '2026-03-01') returning id`,
      [recycler.id, project, tons],
    )
  await expect(submit('NaN')).rejects.toMatchObject({ code: '23514' })
  const [made] = await submit('99999999.99')
  const change = (table: string, value: string, id: string | undefined) =>
    recycler.session.query(`update public.${table} set ${value} where id = $1`, [id])
  await expect(change('batches', `tons_or_kwh = 'NaN'`, made?.id)).rejects.toMatchObject({ code: '23514' })
  await expect(change('projects', `credit_price = 'NaN'`, project)).rejects.toMatchObject({ code: '23514' })
  await change('projects', 'credit_price = 99999999.99', project)
  await recycler.session.call('calculate_batch_credits', { batch_id: made?.id })
})

test('credits that were calculated follow the quantity when its recycler corrects it', { timeout }, async () => {
  const project = await addProject(cloud.owner, recycler.id)
  const [made] = await recycler.session.query<{ id: string }>(
    `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted)
     values ($1, $2, 'APRS', 1000, 'Mombasa', '2026-03-01') returning id`,
    [recycler.id, project],
  )
  const facts = async () =>
    (
      await recycler.session.query<{ plastic: string; hashed: boolean }>(
        `select b.calculated_plastic_credits::text as plastic, b.content_hash = public.batch_content_hash(b.id) as hashed
         from public.batches b where b.id = $1`,
        [made?.id],
      )
    )[0]
  const correct = (tons: string) =>
    recycler.session.query('update public.batches set tons_or_kwh = $2 where id = $1', [made?.id, tons])
  await correct('900')
  expect(await facts()).toEqual({ plastic: '0.00', hashed: true })
  await recycler.session.call('calculate_batch_credits', { batch_id: made?.id })
  expect(await facts()).toEqual({ plastic: '900.00', hashed: true })
  await correct('1.25')
  expect(await facts()).toEqual({ plastic: '1.25', hashed: true })
})

test('files of applicants use up nothing of the organization that they apply to', { timeout }, async () => {
  const body = await addOrganizationOfKind(cloud.owner, 'Full body', 'verification_body')
  await owner('insert into public.quotas (organization_id, storage_bytes, daily_key_rows) values ($1, 1000, 1000)', [
    body,
  ])
  const facts = { role: 'verifier', subRole: 'desk_verifier', organizationId: body } as const
  const member = await addMember(cloud, facts)
  const applicant = await addPerson(cloud.owner, { ...facts, approval: 'pending' })
  const store = (person: string, size: number) =>
    owner(
      `insert into storage.objects (bucket_id, name, metadata) values ('user-documents', $1, jsonb_build_object('size', $2::integer))`,
      [`${person}/${randomUUID()}.pdf`, size],
    )
  const room = async () =>
    (await member.session.query<{ room: boolean }>('select private.within_storage_quota() as room'))[0]?.room
  await store(applicant, 5000)
  expect(await room()).toBe(true)
  await store(member.id, 5000)
  expect(await room()).toBe(false)
})
