import { createHash } from 'node:crypto'
import type { AnswerKey } from './answer-key.ts'
import { addMinutes } from './calendar.ts'
import { makeAllEvidence } from './evidence/evidence-cache.ts'
import { decimalText } from './evidence/figures.ts'
import { type DemoPerson, demoOrganizations, demoPeople, demoPeopleOfKind, demoPeopleWithoutAccess } from './people.ts'
import type { PlannedFile } from './plan/batch-files.ts'
import { type PlannedBatch, planBatches } from './plan/batches.ts'
import { type FullBatch, planFullEvidence } from './plan/full-evidence.ts'
import { demoProjects } from './plan/projects.ts'
import { planReviews, type Reviews, type Row } from './plan/reviews.ts'
import { readDefaultRubrics } from './plan/rubrics.ts'
import { uuidOf } from './random.ts'

/** A file with its bytes as they are stored, and its row. */
export interface MadeFile {
  readonly planned: PlannedFile
  readonly batchId: string
  readonly ownerId: string
  readonly objectPath: string
  /** Bytes of the stored object; not those of the row's SHA-256 where the file was altered on purpose. */
  readonly bytes: Uint8Array
  readonly row: Row
}

/** Everything that a seed writes: rows by table, files, and the key. */
export interface DemoRegister {
  readonly people: readonly DemoPerson[]
  readonly users: readonly Row[]
  readonly userGrants: readonly Row[]
  readonly organizations: readonly Row[]
  readonly rubrics: readonly Row[]
  readonly projects: readonly Row[]
  readonly batches: readonly Row[]
  readonly reviews: Reviews
  readonly files: readonly MadeFile[]
  readonly key: AnswerKey
}

const cut = (bytes: Uint8Array, file: PlannedFile): Uint8Array =>
  file.keep === undefined ? bytes : bytes.subarray(0, Math.floor(bytes.length * file.keep))

const makeFiles = async (
  full: readonly FullBatch[],
  now: string,
  cache: string | null,
): Promise<readonly MadeFile[]> => {
  const planned = full.flatMap(({ batchId, dossier, files }) => files.map((file) => ({ file, batchId, dossier })))
  const original = await makeAllEvidence(
    planned.map(({ file }) => file.recipe),
    cache,
  )
  const altered = planned.flatMap(({ file }) => (file.storedRecipe === undefined ? [] : [file.storedRecipe]))
  const replaced = [...(await makeAllEvidence(altered, cache))]
  return planned.map(({ file, batchId, dossier }, index): MadeFile => {
    const made = original[index]
    if (made === undefined) throw new RangeError('every file was made')
    const bytes = cut(made, file)
    const owner = dossier.project.owner
    const objectPath = `${owner.id}/${batchId}/${file.id}/${file.fileName}`
    const uploadedAt = addMinutes(`${dossier.periodEnd}T06:00:00.000Z`, 4 * 1440 + index * 3)
    const row: Row = {
      id: file.id,
      batch_id: batchId,
      bucket: file.bucket,
      object_path: objectPath,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      byte_size: bytes.length,
      media_type: file.mediaType,
      kind: file.kind,
      title: file.title,
      effective_at: file.effectiveAt,
      uploaded_by: owner.id,
      uploaded_at: uploadedAt < now ? uploadedAt : now,
    }
    const stored = file.storedRecipe === undefined ? bytes : (replaced.shift() ?? bytes)
    return { planned: file, batchId, ownerId: owner.id, objectPath, bytes: stored, row }
  })
}

const roleOf = (person: DemoPerson): { readonly role: string; readonly subRole: string | null } => {
  if (person.kind === 'recycler' || person.kind === 'admin') return { role: person.kind, subRole: null }
  return { role: 'verifier', subRole: person.kind === 'compliance_officer' ? null : person.kind }
}

const userRow = (person: DemoPerson, administrator: DemoPerson, now: string): Row => {
  const { role, subRole } = roleOf(person)
  const isApproved = person.account === 'active' || person.account === 'suspended'
  const since = addMinutes(now, -420 * 1440)
  return {
    id: person.id,
    name: person.name,
    email: person.email,
    role,
    sub_role: subRole,
    organization_name: person.organization,
    organization_id: demoOrganizations.find((organization) => organization.name === person.organization)?.id ?? null,
    approval_status: isApproved ? 'approved' : person.account,
    verification_status: isApproved ? 'approved' : person.account === 'rejected' ? 'rejected' : 'pending',
    rejection_reason: person.account === 'rejected' ? 'The accreditation number could not be confirmed.' : null,
    approved_by: isApproved && person.id !== administrator.id ? administrator.id : null,
    approved_at: isApproved ? addMinutes(since, 2880) : null,
    active: person.account !== 'suspended',
    created_at: since,
    updated_at: since,
    license_number:
      person.kind === 'accredited_auditor' ? `AA-${uuidOf(person.email).slice(0, 6).toUpperCase()}` : null,
  }
}

const batchRow = (
  batch: PlannedBatch,
  outcome: { readonly score: string | null; readonly notes: string } | undefined,
  now: string,
): Row => {
  const changed = batch.verifiedAt ?? batch.decidedAt ?? batch.startedAt ?? batch.createdAt
  return {
    id: batch.id,
    user_id: batch.project.owner.id,
    project_id: batch.project.id,
    batch_hash: batch.hash,
    standard: batch.project.standard,
    tons_or_kwh: decimalText(batch.quantity),
    location: batch.project.location,
    date_submitted: batch.dateSubmitted,
    description: batch.description,
    status: batch.status,
    verification_score: outcome?.score ?? null,
    verification_notes: outcome?.notes ?? null,
    verified_by: batch.verifiedAt === null ? null : (batch.auditor?.id ?? null),
    verified_at: batch.verifiedAt,
    created_at: batch.createdAt,
    updated_at: changed < now ? changed : now,
    period_start: batch.periodStart,
    period_end: batch.periodEnd,
    risk_score: batch.riskScore,
    risk_reasons: batch.riskReasons,
    version: 1,
  }
}

const makeKey = (
  seed: number,
  now: string,
  batches: readonly PlannedBatch[],
  plan: ReturnType<typeof planFullEvidence>,
): AnswerKey => {
  const byKey = new Map(plan.batches.map((batch) => [batch.dossier.recipe.key, batch]))
  const batchOf = (key: string): PlannedBatch => {
    const batch = batches.find((candidate) => candidate.key === key)
    if (batch === undefined) throw new RangeError(`there is no batch ${key}`)
    return batch
  }
  const tour = batchOf('tour')
  if (tour.auditor === null || tour.desk === null) throw new RangeError('the tour needs an auditor and a desk verifier')
  return {
    seed,
    now,
    batchCount: batches.length,
    fullBatches: plan.batches.map(({ batchId, dossier, files }) => {
      const batch = batchOf(dossier.recipe.key)
      return {
        key: dossier.recipe.key,
        batchId,
        batchHash: batch.hash,
        status: dossier.recipe.status,
        deskVerifierEmail: batch.desk?.email ?? '',
        auditorEmail: batch.auditor?.email ?? null,
        fileIds: files.map((file) => file.id),
        isClean: !plan.defects.some(
          (defect) => defect.batchKey === dossier.recipe.key || defect.otherBatchKey === dossier.recipe.key,
        ),
      }
    }),
    defects: plan.defects.map((defect) => ({
      kind: defect.kind,
      batchId: batchOf(defect.batchKey).id,
      batchHash: batchOf(defect.batchKey).hash,
      fileId: defect.fileId,
      fileTitle: byKey.get(defect.batchKey)?.files.find((file) => file.id === defect.fileId)?.title ?? '',
      otherBatchId: defect.otherBatchKey === null ? null : batchOf(defect.otherBatchKey).id,
      otherFileId: defect.otherFileId,
      description: defect.description,
    })),
    tour: { batchId: tour.id, auditorEmail: tour.auditor.email, deskVerifierEmail: tour.desk.email },
  }
}

/** Makes the whole register in memory. The same seed, count and instant make the same rows and the same bytes. */
export const makeRegister = async (options: {
  readonly seed: number
  readonly batches: number
  readonly now: string
  readonly cacheDirectory: string | null
}): Promise<DemoRegister> => {
  const { seed, now } = options
  const [administrator] = demoPeopleOfKind('admin')
  if (administrator === undefined) throw new RangeError('there is an administrator')
  const people = [...demoPeople(), ...demoPeopleWithoutAccess()]
  const rubrics = readDefaultRubrics()
  const plan = planFullEvidence(seed)
  const batches = planBatches({ seed, count: options.batches, now, full: plan.batches })
  const reviews = planReviews({ seed, now, batches, rubrics, administrator })
  const began = addMinutes(now, -500 * 1440)
  return {
    people,
    users: people.map((person) => userRow(person, administrator, now)),
    userGrants: demoPeopleOfKind('compliance_officer').map((person) => ({
      id: uuidOf(`grant:${person.email}`),
      user_id: person.id,
      grant_name: 'compliance',
      granted_by: administrator.id,
      granted_at: addMinutes(now, -400 * 1440),
    })),
    organizations: demoOrganizations.map((organization) => ({
      ...organization,
      created_at: began,
      updated_at: began,
      version: 1,
    })),
    rubrics: rubrics.map(({ id, standard, revision, title, criteria }) => ({
      id,
      standard,
      revision,
      title,
      body: { criteria },
      published_by: administrator.id,
      published_at: addMinutes(now, -450 * 1440),
      created_at: began,
      version: 1,
    })),
    projects: demoProjects().map((project) => ({
      id: project.id,
      user_id: project.owner.id,
      name: project.name,
      description: `${project.name}: ${project.material}.`,
      standard: project.standard,
      location: project.location,
      latitude: project.latitude,
      longitude: project.longitude,
      time_zone: project.timeZone,
      status: 'active',
      verification_required: true,
      created_at: began,
      updated_at: began,
      version: 1,
    })),
    batches: batches.map((batch) => batchRow(batch, reviews.outcomes.get(batch.id), now)),
    reviews,
    files: await makeFiles(plan.batches, now, options.cacheDirectory),
    key: makeKey(seed, now, batches, plan),
  }
}
