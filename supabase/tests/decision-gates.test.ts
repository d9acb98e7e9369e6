import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BatchStatus, batchStatuses } from '../../shared/domain/batch.ts'
import type { DecisionAction } from '../../shared/domain/decision.ts'
import { type FindingKind, type FindingStatus, findingKinds, findingStatuses } from '../../shared/domain/finding.ts'
import { decisionGates, type GateInput } from '../../shared/domain/gates.ts'
import type { DecisionId, EvidenceFileId, FindingId, OrganizationId, PersonId } from '../../shared/domain/ids.ts'
import { type Role, roles, type SubRole, subRoles } from '../../shared/domain/person.ts'
import type { Criterion } from '../../shared/domain/rubric.ts'
import { rubricScore } from '../../shared/domain/rubric-score.ts'
import {
  addBatches,
  addEvidence,
  addOrganization,
  addPerson,
  addProject,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  smallRubric,
  startCloud,
} from './support.ts'

/*
 * The gates of a decision are written twice: for the workstation, which says beforehand what stands in the way, and for the cloud, which
 * decides. Here every state, action, role and kind of verifier meets every gate in both: the cloud takes exactly what the workstation
 * lets through, and refuses for a reason that the workstation names too.
 */

const timeout = 2 * SERVER_TEST_MS
const LOT = 40
const actions = ['approve', 'reject', 'request_changes', 'verify'] as const satisfies readonly DecisionAction[]

/** One decision in one situation. */
interface Situation {
  readonly status: BatchStatus
  readonly action: (typeof actions)[number]
  readonly role: Role
  readonly subRole: SubRole | null
  readonly assigned: boolean
  readonly submitter: 'another' | 'self' | 'own organization'
  readonly approvedBy: 'nobody' | 'another' | 'self' | 'self, then another' | 'another, then self'
  readonly findings: readonly { readonly kind: FindingKind; readonly status: FindingStatus }[]
  /** Points of the three criteria; null is a reason for not applying, undefined no mark at all. */
  readonly points: readonly (number | null | undefined)[]
  readonly stale: boolean
  readonly viewed: boolean
}

const clear: Omit<Situation, 'status' | 'action' | 'role' | 'subRole'> = {
  assigned: true,
  submitter: 'another',
  approvedBy: 'another',
  findings: [],
  points: [4, 5, 3],
  stale: false,
  viewed: true,
}
/** Every way in which a situation can differ from one where nothing stands in the way. */
const differences: readonly Partial<Situation>[] = [
  {},
  { assigned: false },
  { submitter: 'self' },
  { submitter: 'own organization' },
  { approvedBy: 'nobody' },
  { approvedBy: 'self' },
  { approvedBy: 'self, then another' },
  { approvedBy: 'another, then self' },
  ...findingKinds.flatMap((kind) => findingStatuses.map((status) => ({ findings: [{ kind, status }] }))),
  {
    findings: [
      { kind: 'far', status: 'open' },
      { kind: 'car', status: 'answered' },
    ],
  },
  { points: [0, 5, 5] },
  { points: [4, 0, 0] },
  { points: [4, 5, undefined] },
  { points: [4, 5, null] },
  { points: [0, 5, undefined] },
  { points: [undefined, undefined, undefined] },
  { stale: true },
  { viewed: false },
]

const criteria: readonly Criterion[] = smallRubric.criteria.map(
  ({ code, group, question, guidance, weight, anchors, knock_out, not_applicable }) => ({
    code,
    group: group === 'eligibility' ? group : 'data_quality',
    question,
    guidance,
    weight,
    anchors,
    requiredEvidence: [],
    knockOut: knock_out,
    notApplicable: not_applicable === 'with_reason' ? 'with_reason' : 'never',
  }),
)
const scoreOf = (points: Situation['points']) =>
  rubricScore(
    criteria,
    criteria.flatMap(({ code }, index) => {
      const given = points[index]
      return given === undefined
        ? []
        : [{ criterionCode: code, points: given, notApplicableReason: given === null ? 'There is no such step' : null }]
    }),
  )

let cloud: Cloud
let batches: readonly string[]
let rubric: string
let evidence: string
let recycler: string
let works: string
let actor: string
let colleague: string
const device = randomUUID()
beforeAll(async () => {
  cloud = await startCloud()
  const { owner } = cloud
  rubric = await publishRubric(owner)
  works = await addOrganization(owner, 'Works')
  recycler = await addPerson(owner, { role: 'recycler', organizationId: works })
  actor = await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier' })
  colleague = await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier' })
  batches = await addBatches(owner, await addProject(owner, recycler), 100, 'under_review')
  evidence = await addEvidence(owner, batches[0] ?? '', recycler)
  await owner.query('insert into public.devices (id, user_id) values ($1, $2)', [device, actor])
  // What grants open has a test of its own.
  await owner.query('update public.gate_rules set required = false')
  // Neither feed nor trail has a say in what is refused.
  await owner.query(`set veridesk.bulk = 'on'`)
  // Makes the situation, decides, and takes everything back: person and batch are what they are told to be, without being changed.
  await owner.query(`
    create function pg_temp.decide(s jsonb, p_actor uuid, p_colleague uuid, p_batch uuid, p_rubric uuid, p_works uuid) returns text
    language plpgsql as $$
    declare
      actor public.users;
      batch public.batches;
      said text;
      state text;
      d jsonb;
    begin
      select * into actor from public.users where id = p_actor;
      select * into batch from public.batches where id = p_batch;
      actor.role := s ->> 'role';
      actor.sub_role := s ->> 'subRole';
      actor.organization_id := case when s ->> 'submitter' = 'own organization' then p_works end;
      batch.status := s ->> 'status';
      batch.user_id := case when s ->> 'submitter' = 'self' then p_actor else batch.user_id end;
      if (s ->> 'assigned')::boolean then
        insert into public.assignments (batch_id, user_id, role) values (p_batch, p_actor, 'desk_verifier');
      end if;
      for d in select value from jsonb_array_elements(s -> 'approvers') with ordinality as t (value, o) order by o loop
        insert into public.decisions (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at, received_at)
        values (gen_random_uuid(), p_batch, case d #>> '{}' when 'self' then p_actor else p_colleague end, 'approve', 'under_review', 'approved',
          'other', 'x', batch.content_hash, clock_timestamp(), clock_timestamp());
      end loop;
      insert into public.findings (id, batch_id, kind, status, title, description, raised_by)
      select gen_random_uuid(), p_batch, f ->> 'kind', f ->> 'status', 'Something', '', p_actor from jsonb_array_elements(s -> 'findings') f;
      insert into public.scores (id, batch_id, verifier_id, rubric_id, criterion_code, points, not_applicable_reason)
      select gen_random_uuid(), p_batch, p_actor, p_rubric, m ->> 'code', (m ->> 'points')::integer, m ->> 'reason' from jsonb_array_elements(s -> 'marks') m;
      begin
        perform private.apply_decision(actor, batch, s -> 'mutation' || jsonb_build_object(
          'base_version', batch.version,
          'content_hash', case when (s ->> 'stale')::boolean then repeat('e', 64) else batch.content_hash end
        ));
        said := 'taken';
      exception when sqlstate 'PT422' or sqlstate 'PT409' then
        get stacked diagnostics said = pg_exception_detail;
      end;
      raise exception using errcode = 'PT200', message = said;
    exception when sqlstate 'PT200' then
      return sqlerrm;
    end
    $$`)
}, timeout)
afterAll(() => cloud.stop())

const approversOf = (situation: Situation): readonly ('self' | 'another')[] => {
  switch (situation.approvedBy) {
    case 'nobody':
      return []
    case 'another':
      return ['another']
    case 'self':
      return ['self']
    case 'self, then another':
      return ['self', 'another']
    case 'another, then self':
      return ['another', 'self']
  }
}

const inWorkstation = (situation: Situation): GateInput => ({
  action: situation.action,
  person: {
    id: actor as PersonId,
    role: situation.role,
    subRole: situation.subRole,
    organizationId: situation.submitter === 'own organization' ? (works as OrganizationId) : null,
  },
  status: situation.status,
  assigned: situation.assigned,
  recyclerId: (situation.submitter === 'self' ? actor : recycler) as PersonId,
  recyclerOrganizationId: works as OrganizationId,
  decisions: approversOf(situation).map((who, index) => ({
    id: `decision-${index}` as DecisionId,
    actorId: (who === 'self' ? actor : colleague) as PersonId,
    action: 'approve',
    toStatus: 'approved',
  })),
  findings: situation.findings.map((finding, index) => ({
    ...finding,
    id: `finding-${index}` as FindingId,
    title: 'x',
  })),
  rubric: { criteria },
  score: scoreOf(situation.points),
  evidence: [{ id: evidence as EvidenceFileId, title: 'Bales', viewed: situation.viewed, altered: false }],
  riskScore: 0,
  batchCount: 1,
  stale: situation.stale,
  conflictPending: false,
})

const inCloud = (situation: Situation) => {
  const { hundredths, unscored } = scoreOf(situation.points)
  const score = hundredths === null || unscored.length > 0 ? null : (hundredths / 100).toFixed(2)
  const verifies = situation.action === 'verify'
  return {
    ...situation,
    approvers: approversOf(situation),
    marks: criteria.flatMap(({ code }, index) => {
      const points = situation.points[index]
      return points === undefined ? [] : [{ code, points, reason: points === null ? 'There is no such step' : null }]
    }),
    mutation: {
      row_id: randomUUID(),
      device_id: device,
      occurred_at: '2026-11-20T21:33:00.000Z',
      clock_offset_ms: 0,
      after_mutation_id: null,
      payload: {
        action: situation.action,
        reason_code: 'evidence_complete',
        reason: '',
        // A verification names its score even where criteria are missing: it is for the gate to say so.
        score: verifies ? (score ?? '0.00') : score,
        rubric_id: rubric,
        opinion: verifies ? 'unmodified' : null,
        assurance_level: verifies ? 'limited' : null,
        unviewed_evidence_ids: situation.viewed ? [] : [evidence],
      },
    },
  }
}

/**
 * One word for what both say. That a role takes no decision in any state is `role` for the cloud and, where the state takes none
 * either, `transition` for the workstation: the step is not in the table for both.
 */
const common = (code: string): string => {
  if (code === 'stale') return 'content_changed'
  return code === 'transition' ? 'role' : code
}

/** Leads situations through both and gives how often each outcome was seen. */
const compare = async (situations: readonly Situation[]): Promise<Readonly<Record<string, number>>> => {
  const outcomes: string[] = []
  // A few at a time, each lot on a batch of its own: what is taken back still lies in the tables and slows down what looks there.
  for (let from = 0; from < situations.length; from += LOT) {
    const { rows } = await cloud.owner.query<{ outcome: string }>(
      `select pg_temp.decide(s, $2, $3, $4, $5, $6) as outcome from jsonb_array_elements($1::jsonb) with ordinality as t (s, o) order by o`,
      [
        JSON.stringify(situations.slice(from, from + LOT).map(inCloud)),
        actor,
        colleague,
        batches[(from / LOT) % batches.length],
        rubric,
        works,
      ],
    )
    outcomes.push(...rows.map(({ outcome }) => outcome))
  }
  const seen: Record<string, number> = {}
  const differ: unknown[] = []
  for (const [index, situation] of situations.entries()) {
    const gates = decisionGates(inWorkstation(situation))
      .filter(({ severity }) => severity === 'blocks')
      .map(({ code }) => common(code))
    const outcome = common(outcomes[index] ?? '')
    seen[outcome] = (seen[outcome] ?? 0) + 1
    if (gates.length === 0 ? outcome !== 'taken' : !gates.includes(outcome)) differ.push({ situation, gates, outcome })
  }
  expect(differ).toEqual([])
  return seen
}

const steps = batchStatuses.flatMap((status) =>
  actions.flatMap((action) =>
    roles.flatMap((role) =>
      (role === 'verifier' ? [null, ...subRoles] : [null]).map((subRole) => ({ status, action, role, subRole })),
    ),
  ),
)

test('every state, action, role and kind of verifier meets every gate with the same outcome', { timeout }, async () => {
  const seen = await compare(
    steps.flatMap((step) => differences.map((difference) => ({ ...clear, ...step, ...difference }))),
  )
  expect(Object.keys(seen).sort()).toEqual([
    'content_changed',
    'four_eyes',
    'incomplete_scores',
    'knock_out',
    'not_assigned',
    'open_findings',
    'role',
    'taken',
  ])
  expect(Object.values(seen).every((count) => count > 1)).toBe(true)
})

test('so does every pair of gates, wherever the step itself may be taken', { timeout }, async () => {
  const taken = [
    ...(['approve', 'reject', 'request_changes'] as const).map((action) => ({
      status: 'under_review' as const,
      action,
      role: 'verifier' as const,
      subRole: 'desk_verifier' as const,
    })),
    ...(['verify', 'reject', 'request_changes'] as const).map((action) => ({
      status: 'approved' as const,
      action,
      role: 'verifier' as const,
      subRole: 'accredited_auditor' as const,
    })),
  ]
  // Of the kinds and states of findings, one that blocks and one that does not stand for all.
  const chosen = differences.filter(
    ({ findings }) =>
      findings?.length !== 1 || ['car open', 'far open'].includes(`${findings[0]?.kind} ${findings[0]?.status}`),
  )
  const pairs = chosen.flatMap((first, index) => chosen.slice(index + 1).map((second) => ({ ...first, ...second })))
  await compare(taken.flatMap((step) => pairs.map((pair) => ({ ...clear, ...step, ...pair }))))
})
