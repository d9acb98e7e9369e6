import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mirroredTableNames, mirroredTables } from '../../shared/wire/rows.ts'
import { bootstrapPage, handshakeAnswer, pullPage } from '../../shared/wire/sync.ts'
import { grantAccess } from './grants.ts'
import { batchNow, decision, mutation, push, pushOne } from './mutations.ts'
import {
  addBatches,
  addEvidence,
  addOrganization,
  addPerson,
  addProject,
  assign,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, timeout)
afterAll(() => cloud.stop())

test('a batch goes from the pool to a certificate, and every row on the way has the shape of the contract', {
  timeout,
}, async () => {
  const { owner } = cloud
  await owner.query(
    `insert into public.trust_anchors (name, certificate_pem) values ('Demo', '-----BEGIN CERTIFICATE-----x')`,
  )
  const works = await addOrganization(owner, 'Works')
  const firm = await addOrganization(owner, 'Audit firm')
  const recycler = await addPerson(owner, { role: 'recycler', organizationId: works })
  const desk = await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier', organizationId: firm })
  const auditor = await addPerson(owner, { role: 'verifier', subRole: 'accredited_auditor', organizationId: firm })
  const rubric = await publishRubric(owner)
  const project = await addProject(owner, recycler)
  const [batch = ''] = await addBatches(owner, project, 1)
  const evidence = await addEvidence(owner, batch, recycler)

  const deskSession = await cloud.openAs(desk)
  const hello = handshakeAnswer.parse(
    await deskSession.call('workstation_handshake', {
      p_request: {
        protocol_version: 1,
        schema_version: 1,
        device_id: randomUUID(),
        device_name: 'Laptop',
        program_version: '0.1.0',
      },
    }),
  )
  expect(hello.scopes).toEqual(['reference', `person:${desk}`, 'pool'])
  expect(hello.person.organization_name).toBe('Audit firm')

  const pool = bootstrapPage.parse(
    await deskSession.call('sync_bootstrap', { p_scope: 'pool', p_table: 'batches', p_after: null, p_limit: 100 }),
  )
  expect(pool.rows.map((row) => row.id)).toEqual([batch])
  expect(pool.total).toBe(1)

  const claim = mutation('batch.claim', batch, { assignment_id: randomUUID() }, { base_version: 1 })
  const claimed = await pushOne(deskSession, claim)
  expect(claimed).toMatchObject({
    status: 'applied',
    rows: [{ table: 'batches', row: { status: 'under_review' } }, { table: 'assignments' }],
  })

  const left = pullPage.parse(
    await deskSession.call('sync_pull', {
      p_scope: 'pool',
      p_cursor: pool.snapshot,
      p_upto: null,
      p_after: null,
      p_limit: 100,
    }),
  )
  expect(left.changes.map(({ table, op }) => `${op} ${table}`).sort()).toEqual([
    'R batches',
    'R evidence_files',
    'R projects',
  ])
  const entered = pullPage.parse(
    await deskSession.call('sync_pull', {
      p_scope: `person:${desk}`,
      p_cursor: pool.snapshot,
      p_upto: null,
      p_after: null,
      p_limit: 100,
    }),
  )
  expect(entered.changes.map(({ table, op }) => `${op} ${table}`).sort()).toEqual([
    'U assignments',
    'U batches',
    'U evidence_files',
    'U projects',
  ])

  expect(await pushOne(deskSession, decision(batch, await batchNow(owner, batch)))).toMatchObject({ status: 'applied' })

  await assign(owner, [batch], auditor, 'accredited_auditor')
  await grantAccess(owner, auditor, { standards: ['APRS'], independentOf: [recycler] })
  const auditorSession = await cloud.openAs(auditor)
  const score = (code: string, points: number | null, reason: string | null = null) =>
    mutation('score.set', batch, {
      rubric_id: rubric,
      criterion_code: code,
      points,
      not_applicable_reason: reason,
      note: 'seen',
      evidence_ids: [evidence],
    })
  const raise = mutation('finding.raise', batch, {
    round_id: randomUUID(),
    kind: 'car',
    title: 'Ticket missing',
    description: 'The ticket of 3 March is missing.',
    criterion_code: 'Q-01',
    evidence_file_id: evidence,
    due_at: '2026-12-20T00:00:00.000Z',
    misstatement: '-1.50',
  })
  const answer = mutation(
    'finding.respond',
    batch,
    { round_id: randomUUID(), body: 'Here it is.', on_behalf_of: 'Mrs Otieno' },
    { row_id: raise.row_id, after_mutation_id: raise.mutation_id },
  )
  const close = mutation(
    'finding.close',
    batch,
    { round_id: randomUUID(), body: 'Accepted.' },
    { row_id: raise.row_id, after_mutation_id: answer.mutation_id },
  )
  const now = await batchNow(owner, batch)
  const verify = decision(batch, now, {
    action: 'verify',
    reason_code: 'verified',
    score: '4.67',
    rubric_id: rubric,
    opinion: 'unmodified',
    assurance_level: 'reasonable',
    unviewed_evidence_ids: [evidence],
  })
  const digits = 'ab'.repeat(32)
  const certificate = mutation(
    'certificate.issue',
    batch,
    {
      decision_id: verify.row_id,
      certificate_number: 'VD-APRS-2026-1F2E3D4C5B',
      opinion: 'unmodified',
      assurance_level: 'reasonable',
      object_path: `${batch}/certificate.pdf`,
      sha256: digits,
      byte_range_digest: digits,
      byte_size: 123_456,
      signature_id: randomUUID(),
      signer_subject: 'CN=Amina',
      signer_serial: '01',
      signer_fingerprint: digits,
      level: 'B-B',
      claimed_at: '2026-11-20T21:34:00.000Z',
    },
    { content_hash: now.content_hash },
  )
  const sent = [
    score('E-01', 5),
    score('Q-01', 4),
    score('D-01', null, 'No such step'),
    raise,
    answer,
    close,
    verify,
    certificate,
  ]
  const fates = await push(auditorSession, sent)
  expect(fates.map(({ status, code }) => [status, code])).toEqual(sent.map(() => ['applied', null]))
  expect((await push(auditorSession, sent)).map(({ status }) => status)).toEqual(sent.map(() => 'duplicate'))
  for (const { table, row } of fates.flatMap(({ rows }) => rows)) {
    const schema = mirroredTables[mirroredTableNames.find((name) => name === table) ?? 'batches']
    expect(schema.strict().safeParse(row), table).toMatchObject({ success: true })
  }

  const admin = await addPerson(owner, { role: 'admin' })
  const adminSession = await cloud.openAs(admin)
  for (const table of mirroredTableNames) {
    const scope = ['organizations', 'people', 'trust_anchors', 'rubrics', 'grant_keys', 'gate_rules'].includes(table)
      ? 'reference'
      : 'register'
    const page = bootstrapPage.parse(
      await adminSession.call('sync_bootstrap', { p_scope: scope, p_table: table, p_after: null, p_limit: 1000 }),
    )
    expect(page.rows.length, table).toBeGreaterThan(0)
    for (const row of page.rows)
      expect(mirroredTables[table].strict().safeParse(row), table).toMatchObject({ success: true })
  }
  const { rows: verifications } = await owner.query(
    'select status, score from public.verifications where batch_id = $1',
    [batch],
  )
  expect(verifications).toEqual([
    { status: 'approved', score: null },
    { status: 'approved', score: '4.67' },
  ])
  const { rows: differences } = await owner.query('select private.rebuild_feed() as written')
  expect(Number(differences[0]?.written)).toBe(0)
})
