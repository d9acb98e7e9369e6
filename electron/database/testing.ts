import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../../shared/contract/views.ts'
import type { BatchStatus } from '../../shared/domain/batch.ts'
import { contentHash } from '../../shared/domain/content-hash.ts'
import { formatHundredths } from '../../shared/domain/decimal.ts'
import type { BatchId, DeviceId, EvidenceFileId, OrganizationId, PersonId, RubricId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { type Standard, standards } from '../../shared/domain/standard.ts'
import { type Clock, laterThan } from '../platform/clock.ts'
import { newId, sha256Hex } from '../platform/identifiers.ts'
import { newDatabaseKey } from '../platform/keychain.ts'
import { silentLog } from '../platform/log.ts'
import type { CaseContext } from './case-context.ts'
import type { WorkspaceDatabase } from './database.ts'
import type { WriteHandle } from './handles.ts'
import type { EvidenceFileTable } from './mirror-tables.ts'
import { openWorkspaceDatabase } from './open.ts'

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  readonly advance: (milliseconds: number) => void
}

/** A clock that starts at 2026-11-20T09:00:00.000Z. */
export function testClock(): TestClock {
  let now = '2026-11-20T09:00:00.000Z'
  return {
    now: () => now,
    elapsedMilliseconds: () => Date.parse(now),
    advance: (milliseconds) => {
      now = laterThan(now, milliseconds)
    },
  }
}

const fixtureId = (kind: number, number: number): string =>
  `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

/** Ids of the fixture rows, so that a test can name them. */
export const fixture = {
  batch: (number: number): BatchId => fixtureId(1, number) as BatchId,
  project: (number: number): string => fixtureId(2, number),
  evidence: (batch: number, number: number): EvidenceFileId => fixtureId(3, batch * 16 + number) as EvidenceFileId,
  rubric: (standard: Standard): RubricId => fixtureId(4, standards.indexOf(standard)) as RubricId,
  organization: (number: number): OrganizationId => fixtureId(5, number) as OrganizationId,
  assignment: (batch: number, number: number): string => fixtureId(6, batch * 16 + number),
  standardOf: (batch: number): Standard => standards[batch % standards.length] ?? 'APRS',
  /** Every rubric of the fixture has these criteria: `E-01` is a knock-out, `S-01` may be not applicable. */
  criteria: ['E-01', 'Q-01', 'C-01', 'S-01'],
} as const

const person = (number: number, name: string, more: Partial<Person>): Person => ({
  id: fixtureId(7, number) as PersonId,
  name,
  email: `${name.toLowerCase().replaceAll(' ', '.')}@example.org`,
  role: 'verifier',
  subRole: null,
  grants: [],
  organizationId: fixture.organization(0),
  organizationName: 'Independent Verifiers',
  ...more,
})

/** The people of the fixture. */
export const people = {
  desk: person(0, 'Dewi Lestari', { subRole: 'desk_verifier' }),
  auditor: person(1, 'Arun Mehta', { subRole: 'accredited_auditor' }),
  otherDesk: person(2, 'Linh Tran', { subRole: 'desk_verifier' }),
  compliance: person(3, 'Clara Souza', { grants: ['compliance'] }),
  recycler: person(4, 'Rina Plastics', {
    role: 'recycler',
    organizationId: fixture.organization(1),
    organizationName: 'Rina Plastics Ltd',
  }),
} as const

/** What the fixture holds. */
export interface FixtureOptions {
  readonly batches?: number
  readonly evidencePerBatch?: number
  /** Status of each batch; `under_review` unless told. */
  readonly statusOf?: (batch: number) => BatchStatus
  readonly riskOf?: (batch: number) => number
  /** Who has a live assignment to each batch; desk verifier and auditor unless told. */
  readonly assignedTo?: (batch: number) => readonly Person[]
}

/** A real encrypted workspace in a folder of its own. */
export interface TestWorkspace {
  readonly database: WorkspaceDatabase
  readonly clock: TestClock
  readonly folder: string
  readonly path: string
  readonly keyHex: string
  readonly deviceId: DeviceId
  /** What a use case is given when this person acts. */
  readonly as: (person: Person, more?: Partial<CaseContext>) => CaseContext
  /** Closes the database and removes the folder. */
  readonly dispose: () => void
}

/** Settings as a new workspace has them. */
export const testSettings: Settings = { theme: 'system', holdSeconds: 30, singleLetterKeys: true, density: 32 }

/** Opens a new encrypted workspace with fixture rows. The caller disposes of it. */
export function openTestWorkspace(options: FixtureOptions = {}): TestWorkspace {
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-workspace-'))
  const path = join(folder, 'workspace.db')
  const keyHex = newDatabaseKey()
  const clock = testClock()
  const opened = openWorkspaceDatabase({
    path,
    keyHex,
    clock,
    backupDirectory: join(folder, 'backups'),
    log: silentLog,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  const database = opened.value
  const deviceId = newId<DeviceId>()
  database.write((handle) => insertFixture(handle, options), 'normal')
  return {
    database,
    clock,
    folder,
    path,
    keyHex,
    deviceId,
    as: (actor, more) => ({
      database,
      clock,
      person: actor,
      deviceId,
      settings: testSettings,
      log: silentLog,
      clockOffsetMilliseconds: 0,
      ...more,
    }),
    dispose: () => {
      database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const placeholders = (count: number): string => Array.from({ length: count }, () => '?').join(', ')

/** Inserts a row given by its columns. */
export function insertInto(handle: WriteHandle, table: string, row: Readonly<Record<string, unknown>>): number {
  const columns = Object.keys(row)
  const statement = handle.prepare(
    `insert into ${table} (${columns.join(', ')}) values (${placeholders(columns.length)})`,
  )
  return Number(statement.run(...Object.values(row)).lastInsertRowid)
}

/** Inserts the fixture rows. Content hashes are right, so that nothing is stale. */
export function insertFixture(handle: WriteHandle, options: FixtureOptions): void {
  const { batches = 0, evidencePerBatch = 2 } = options
  const mirrored = { version: 1, scopes: 1 }
  for (const number of [0, 1]) {
    insertInto(handle, 'organization', {
      id: fixture.organization(number),
      name: number === 0 ? 'Independent Verifiers' : 'Rina Plastics Ltd',
      kind: number === 0 ? 'verifier' : 'recycler',
      country: 'ID',
      ...mirrored,
    })
  }
  for (const { id, name, organizationId, organizationName, role, subRole } of Object.values(people)) {
    insertInto(handle, 'person', {
      id,
      name,
      organization_id: organizationId,
      organization_name: organizationName,
      role,
      sub_role: subRole,
      ...mirrored,
    })
  }
  for (const standard of standards) insertRubric(handle, standard)
  for (let number = 0; number < Math.max(1, Math.ceil(batches / 50)); number++) {
    insertInto(handle, 'project', {
      id: fixture.project(number),
      user_id: people.recycler.id,
      name: `River project ${number}`,
      description: null,
      standard: fixture.standardOf(number),
      location: 'Surabaya, Indonesia',
      latitude: -7.25,
      longitude: 112.75,
      time_zone: 'Asia/Jakarta',
      status: 'active',
      updated_at: '2026-01-01T00:00:00.000Z',
      ...mirrored,
    })
  }
  for (let number = 0; number < batches; number++) insertBatch(handle, number, evidencePerBatch, options)
}

function insertRubric(handle: WriteHandle, standard: Standard): void {
  insertInto(handle, 'rubric', {
    id: fixture.rubric(standard),
    standard,
    revision: 1,
    title: `Rubric for ${standard}`,
    criteria: JSON.stringify(
      fixture.criteria.map((code, index) => ({
        code,
        group: 'eligibility',
        question: `Question ${code}?`,
        guidance: '',
        weight: index + 1,
        anchors: ['0', '1', '2', '3', '4', '5'],
        requiredEvidence: [],
        knockOut: code === 'E-01',
        notApplicable: code === 'S-01' ? 'with_reason' : 'never',
      })),
    ),
    published_at: '2026-01-01T00:00:00.000Z',
    version: 1,
    scopes: 1,
  })
}

function insertBatch(handle: WriteHandle, number: number, evidenceCount: number, options: FixtureOptions): void {
  const id = fixture.batch(number)
  const standard = fixture.standardOf(number)
  const evidence = Array.from({ length: evidenceCount }, (_, index) => evidenceRow(number, index))
  const day = new Date(Date.UTC(2026, 0, 1 + (number % 300))).toISOString().slice(0, 10)
  const batch = {
    id,
    batch_hash: `BATCH-${sha256Hex(id).slice(0, 32).toUpperCase()}`,
    user_id: people.recycler.id,
    project_id: fixture.project(Math.floor(number / 50)),
    standard,
    quantity: 1000 + ((number * 7919) % 500_000),
    location: number % 2 === 0 ? 'Surabaya, Indonesia' : 'Đà Nẵng, Việt Nam',
    date_submitted: day,
    description: number % 3 === 0 ? `Sorted PET bottles, lot ${number}` : null,
    plastic_credits: 1000,
    carbon_credits: 250,
  }
  insertInto(handle, 'batch', {
    ...batch,
    period_start: null,
    period_end: null,
    status: options.statusOf?.(number) ?? 'under_review',
    verification_score: null,
    verified_by: null,
    verified_at: null,
    risk_score: options.riskOf?.(number) ?? (number * 37) % 70,
    risk_reasons: JSON.stringify(number % 5 === 0 ? ['Quantity far above the project mean'] : []),
    content_hash: contentHash(
      {
        batch: { ...batch, tons_or_kwh: formatHundredths(batch.quantity) },
        calculation: { plastic_credits: '10.00', carbon_credits: '2.50' },
        evidence,
        rubric: { id: fixture.rubric(standard), revision: 1 },
      },
      sha256Hex,
    ),
    updated_at: '2026-01-01T00:00:00.000Z',
    quarantined_at: null,
    version: 1,
    scopes: 1,
  })
  for (const row of evidence) insertInto(handle, 'evidence_file', { ...row })
  const assigned = options.assignedTo?.(number) ?? [people.desk, people.auditor]
  assigned.forEach((assignee, index) => {
    insertInto(handle, 'assignment', {
      id: fixture.assignment(number, index),
      batch_id: id,
      user_id: assignee.id,
      role: assignee.subRole ?? 'reviewer',
      assigned_by: null,
      assigned_at: '2026-11-01T00:00:00.000Z',
      due_at: number % 4 === 0 ? null : `2026-12-${String(1 + (number % 28)).padStart(2, '0')}T00:00:00.000Z`,
      ended_at: null,
      version: 1,
      scopes: 1,
    })
  })
}

function evidenceRow(batch: number, index: number): Omit<EvidenceFileTable, 'row'> {
  const id = fixture.evidence(batch, index)
  return {
    id,
    batch_id: fixture.batch(batch),
    bucket: 'verification-docs',
    object_path: `${fixture.batch(batch)}/${id}.pdf`,
    sha256: sha256Hex(id),
    byte_size: 1000 + index,
    media_type: 'application/pdf',
    kind: 'weighbridge_ticket',
    title: `Weighbridge ticket ${index + 1}`,
    effective_at: null,
    uploaded_by: people.recycler.id,
    uploaded_at: '2026-01-02T00:00:00.000Z',
    deleted_at: null,
    version: 1,
    scopes: 1,
  }
}
