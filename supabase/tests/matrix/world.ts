import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import {
  addBatches,
  addEvidence,
  addOrganization,
  addPerson,
  addProject,
  assign,
  type Cloud,
  publishRubric,
  SERVICE,
  type Session,
} from '../support.ts'

/** Everybody that the matrix asks for. */
export const actors = [
  'anon',
  'recycler',
  'buyer',
  'field_agent',
  'desk_verifier',
  'auditor',
  'compliance',
  'admin',
  'pending',
  'suspended',
  /** A desk verifier of another verification body, who is let in and works on nothing. */
  'other_organization',
  /** A program on a server with the project's secret key. */
  'service',
] as const
export type Actor = (typeof actors)[number]

/** Actors who are somebody: with an account of their own. */
export type Person = Exclude<Actor, 'anon' | 'service'>

/** The four batches of the world; each has one row of everything that belongs to a batch. */
export const batchNames = ['mine', 'pool', 'theirs', 'settled'] as const
export type BatchName = (typeof batchNames)[number]

/** A world with one row of everything per batch, and a session for every actor. */
export interface World {
  readonly people: Readonly<Record<Person, string>>
  readonly otherRecycler: string
  readonly sessions: Readonly<Record<Actor, Session>>
  readonly batches: Readonly<Record<BatchName, string>>
  readonly projects: { readonly mine: string; readonly theirs: string }
  /** A verified batch of the recycler, apart from the others: the buyer bought five credits and retired one. */
  readonly sold: { readonly batch: string; readonly certificate: string }
  readonly rubric: string
  readonly organization: string
  readonly agentKey: string
  readonly nameOf: (id: string) => string
  /** Id that an actor would give as their own; the recycler's for whoever has none. */
  readonly selfOf: (actor: Actor) => string
}

const fillBatch = async (owner: pg.Client, batch: string, verifier: string, recycler: string, rubric: string) => {
  const evidence = await addEvidence(owner, batch, recycler)
  const [finding, decision, certificate] = [randomUUID(), randomUUID(), randomUUID()]
  const digits = 'cd'.repeat(32)
  await owner.query(
    `insert into public.scores (id, batch_id, verifier_id, rubric_id, criterion_code, points) values ($1, $2, $3, $4, 'E-01', 4)`,
    [randomUUID(), batch, verifier, rubric],
  )
  await owner.query(
    `insert into public.findings (id, batch_id, kind, title, description, evidence_file_id, raised_by) values ($1, $2, 'cl', 'Unclear', '', $3, $4)`,
    [finding, batch, evidence, verifier],
  )
  await owner.query(
    `insert into public.finding_rounds (id, finding_id, batch_id, round, kind, author_id, body) values ($1, $2, $3, 1, 'raised', $4, '')`,
    [randomUUID(), finding, batch, verifier],
  )
  await owner.query(
    `insert into public.decisions (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at)
     values ($1, $2, $3, 'approve', 'under_review', 'approved', 'corrected', '', $4, now())`,
    [decision, batch, verifier, digits],
  )
  await owner.query(
    `insert into public.certificates (id, batch_id, decision_id, certificate_number, opinion, assurance_level, content_hash, object_path,
       sha256, byte_range_digest, byte_size, issued_by, claimed_at)
     values ($1::uuid, $2, $3, $1::text, 'unmodified', 'limited', $4, $1::text || '.pdf', $4, $4, 10, $5, now())`,
    [certificate, batch, decision, digits, verifier],
  )
  await owner.query(
    `insert into public.signatures (id, certificate_id, batch_id, signer_id, kind, level, signer_subject, signer_serial, signer_fingerprint, claimed_at)
     values ($1, $2, $3, $4, 'auditor', 'B-B', 'CN=x', '1', $5, now())`,
    [randomUUID(), certificate, batch, verifier, digits],
  )
  await owner.query(`insert into public.verifications (batch_id, verifier_id, status) values ($1, $2, 'approved')`, [
    batch,
    verifier,
  ])
}

const sellCredits = async (owner: pg.Client, project: string, buyer: string): Promise<World['sold']> => {
  await owner.query('update public.projects set credit_price = 12.5 where id = $1', [project])
  const [batch = ''] = await addBatches(owner, project, 1, 'verified')
  await owner.query(
    `insert into public.credit_purchases (buyer_id, batch_id, amount, price_per_credit, total_amount, payment_status)
     values ($1, $2, 5, 12.5, 62.5, 'completed')`,
    [buyer, batch],
  )
  await owner.query(
    `insert into public.credit_retirements (buyer_id, batch_id, certificate_id, plastic_credits_retired, carbon_credits_retired, retirement_date)
     values ($1, $2, 'RET-1', 1, 0, date '2026-11-20')`,
    [buyer, batch],
  )
  return { batch, certificate: 'RET-1' }
}

const addOperations = async (
  owner: pg.Client,
  { batch, recycler, subscriber }: { readonly batch: string; readonly recycler: string; readonly subscriber: string },
): Promise<void> => {
  await owner.query(
    `insert into public.escalations (finding_id, batch_id, level, recipient_id, due_at)
     select f.id, f.batch_id, 1, $2, now() from public.findings f where f.batch_id = $1`,
    [batch, recycler],
  )
  await owner.query(
    `with subscribed as (
       insert into public.report_subscriptions (user_id, kind, schedule, next_run_at)
       values ($1, 'batches', 'daily', now() + interval '1 day') returning id, user_id
     )
     insert into public.report_runs (subscription_id, user_id, period_start, period_end)
     select id, user_id, now() - interval '1 day', now() from subscribed`,
    [subscriber],
  )
}

/**
 * `mine` and `pool` are the recycler's: the first is under review by desk verifier and field agent, the second is claimable.
 * `theirs` and `settled` are another recycler's: the first is approved and assigned to the auditor, the second rejected, with
 * an assignment of the desk verifier that has ended.
 */
export const makeWorld = async (cloud: Cloud): Promise<World> => {
  const { owner } = cloud
  const organization = await addOrganization(owner, 'Works')
  const otherBody = await addOrganization(owner, 'Other body')
  await owner.query(`update public.organizations set kind = 'verification_body' where id = $1`, [otherBody])
  const people = {
    recycler: await addPerson(owner, { role: 'recycler', organizationId: organization }),
    buyer: await addPerson(owner, { role: 'buyer' }),
    field_agent: await addPerson(owner, { role: 'verifier', subRole: 'field_agent' }),
    desk_verifier: await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier' }),
    auditor: await addPerson(owner, { role: 'verifier', subRole: 'accredited_auditor' }),
    compliance: await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier', grants: ['compliance'] }),
    admin: await addPerson(owner, { role: 'admin' }),
    pending: await addPerson(owner, {
      role: 'verifier',
      subRole: 'desk_verifier',
      approval: 'pending',
      grants: ['compliance'],
    }),
    suspended: await addPerson(owner, { role: 'admin', active: false }),
    other_organization: await addPerson(owner, {
      role: 'verifier',
      subRole: 'desk_verifier',
      organizationId: otherBody,
    }),
  }
  const otherRecycler = await addPerson(owner, { role: 'recycler' })
  const rubric = await publishRubric(owner)
  await owner.query(
    `insert into public.rubrics (standard, revision, title, body) select 'PCX', 1, 'Draft', body from public.rubrics`,
  )
  await owner.query(
    `insert into public.trust_anchors (name, certificate_pem, withdrawn_at) values
     ('in force', '-----BEGIN CERTIFICATE-----', null), ('withdrawn', '-----BEGIN CERTIFICATE-----', now())`,
  )
  const projects = { mine: await addProject(owner, people.recycler), theirs: await addProject(owner, otherRecycler) }
  const [mine = ''] = await addBatches(owner, projects.mine, 1, 'under_review')
  const [pool = ''] = await addBatches(owner, projects.mine, 1, 'pending')
  const [theirs = ''] = await addBatches(owner, projects.theirs, 1, 'approved')
  const [settled = ''] = await addBatches(owner, projects.theirs, 1, 'rejected')
  await assign(owner, [mine], people.desk_verifier)
  await assign(owner, [mine], people.field_agent, 'field_agent')
  await assign(owner, [theirs], people.auditor, 'accredited_auditor')
  await assign(owner, [settled], people.desk_verifier)
  // Whoever may not come in gains nothing by an assignment.
  await assign(owner, [mine, theirs], people.pending)
  await assign(owner, [mine, theirs], people.suspended)
  await owner.query('update public.assignments set ended_at = now() where batch_id = $1', [settled])
  const batches = { mine, pool, theirs, settled }
  for (const [batch, recycler] of [
    [mine, people.recycler],
    [pool, people.recycler],
    [theirs, otherRecycler],
    [settled, otherRecycler],
  ] as const)
    await fillBatch(owner, batch, people.compliance, recycler, rubric)
  for (const [index, person] of [people.recycler, people.auditor].entries())
    await owner.query('insert into public.devices (id, user_id) values ($1, $2)', [
      `00000000-0000-4000-8000-00000000000${index}`,
      person,
    ])
  await owner.query(
    `with key as (
       insert into private.device_keys (device_id, user_id, public_key)
       values ('00000000-0000-4000-8000-000000000001', $1, 'MCowBQYDK2VwAyEA' || repeat('A', 43) || '=')
       returning id, device_id, user_id
     )
     insert into public.outbox_handovers (fingerprint, user_id, device_id, key_id, submitted_by, made_at, change_count)
     select repeat('a', 64), user_id, device_id, id, $2, now(), 1 from key`,
    [people.auditor, people.compliance],
  )
  for (const person of [people.recycler, people.auditor]) {
    await owner.query(
      `insert into public.security_events (severity, kind, user_id) values ('info', 'device_new', $1)`,
      [person],
    )
    await owner.query(
      `insert into public.login_attempts (account, user_id, outcome) values ($1::text, $1::uuid, 'succeeded')`,
      [person],
    )
  }
  await owner.query(
    'insert into public.quotas (organization_id, storage_bytes, daily_key_rows) values ($1, 1000, 1000)',
    [organization],
  )
  await addOperations(owner, { batch: mine, recycler: people.recycler, subscriber: people.auditor })
  const sold = await sellCredits(owner, projects.mine, people.buyer)
  await owner.query('select private.anchor_audit_head()')
  await owner.query(
    `insert into public.evidence_checks (evidence_file_id, verdict) select id, 'missing' from public.evidence_files`,
  )
  await owner.query('insert into public.erasure_requests (user_id, requested_by) values ($1, $1)', [people.recycler])
  await owner.query('insert into public.device_rules (organization_id) values ($1)', [organization])
  const agentKey = randomUUID()
  await owner.query(
    `insert into public.agent_keys (id, organization_id, name, prefix, key_hash, scopes, created_by)
     values ($1, $2, 'Program', '00000000', sha256(''), '{export.batches}', $3)`,
    [agentKey, organization, people.admin],
  )
  const names = new Map<string, string>([
    [sold.batch, 'sold'],
    ...Object.entries(batches).map(([name, id]) => [id, name] as const),
    ...Object.entries(people).map(([name, id]) => [id, name] as const),
    [otherRecycler, 'other recycler'],
  ])
  const sessions = { anon: await cloud.openAs(null), service: await cloud.openAs(SERVICE) } as Record<Actor, Session>
  for (const [name, id] of Object.entries(people)) sessions[name as Actor] = await cloud.openAs(id)
  return {
    people,
    otherRecycler,
    sessions,
    batches,
    projects,
    sold,
    rubric,
    organization,
    agentKey,
    nameOf: (id) => names.get(id) ?? id,
    selfOf: (actor) => (actor === 'anon' || actor === 'service' ? people.recycler : people[actor]),
  }
}
