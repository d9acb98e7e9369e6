import type { ComparedSide } from '../../../shared/contract/outbox-views.ts'
import { batchStatuses } from '../../../shared/domain/batch.ts'
import { quantityUnit, standards } from '../../../shared/domain/standard.ts'
import type { MutationKind } from '../../../shared/domain/sync-state.ts'
import { shortHash } from '../../ui/format.ts'
import { statusLabels } from '../../ui/status-mark.tsx'

/** What values are put into words with. */
export interface FieldWords {
  readonly instant: (instant: string) => string
  readonly person: (id: string) => string
}

/** A field as a comparison shows it. `record`: who and when, which differ by nature and say nothing about the matter. */
export interface FieldSpec {
  readonly name: string
  readonly label: string
  readonly record?: boolean
  readonly say?: (value: unknown, words: FieldWords, side: ComparedSide) => string
}

const sayStatus = (value: unknown): string => {
  const status = batchStatuses.find((known) => known === value)
  return status === undefined ? capital(String(value)) : statusLabels[status]
}

const capital = (text: string): string => {
  const words = text.replaceAll('_', ' ')
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

const sayCode = (value: unknown): string => capital(String(value))
const sayInstant = (value: unknown, { instant }: FieldWords): string => instant(String(value))
const sayPerson = (value: unknown, { person }: FieldWords): string => person(String(value))
const sayHash = (value: unknown): string => shortHash(String(value))
const sayFiles = (value: unknown): string => {
  const count = Array.isArray(value) ? value.length : 0
  return count === 0 ? 'None' : count === 1 ? '1 file' : `${String(count)} files`
}
const sayQuantity = (value: unknown, _words: FieldWords, side: ComparedSide): string => {
  const standard = standards.find((known) => known === side.standard)
  return standard === undefined ? String(value) : `${String(value)} ${quantityUnit[standard]}`
}
const actionWords: Readonly<Record<string, string>> = {
  approve: 'Approved',
  reject: 'Rejected',
  request_changes: 'Changes requested',
  verify: 'Verified',
  claim: 'Claimed',
  resubmit: 'Submitted again',
  retire: 'Retired',
}
const sayAction = (value: unknown): string => actionWords[String(value)] ?? sayCode(value)
const sayFindingKind = (value: unknown): string =>
  value === 'observation' ? 'Observation' : String(value).toUpperCase()

const status: FieldSpec = { name: 'status', label: 'Status', say: sayStatus }
const version: FieldSpec = { name: 'version', label: 'Version', record: true }
const opinion: readonly FieldSpec[] = [
  { name: 'opinion', label: 'Opinion', say: sayCode },
  { name: 'assurance_level', label: 'Assurance', say: sayCode },
]
const content: readonly FieldSpec[] = [
  { name: 'tons_or_kwh', label: 'Quantity', say: sayQuantity },
  { name: 'location', label: 'Location' },
  { name: 'date_submitted', label: 'Submitted on' },
  { name: 'description', label: 'Description' },
  { name: 'risk_score', label: 'Risk' },
  { name: 'content_hash', label: 'Content, with its evidence (SHA-256)', say: sayHash },
]
const finding: readonly FieldSpec[] = [
  { name: 'kind', label: 'Kind', say: sayFindingKind },
  { name: 'title', label: 'Title' },
  status,
  { name: 'body', label: 'Last said' },
  { name: 'on_behalf_of', label: 'On behalf of' },
  { name: 'round', label: 'Round' },
  { name: 'description', label: 'Description' },
  { name: 'criterion_code', label: 'Criterion' },
  { name: 'due_at', label: 'Due', say: sayInstant },
  { name: 'misstatement', label: 'Misstatement' },
  { name: 'actor_id', label: 'Said by', record: true, say: sayPerson },
  { name: 'updated_at', label: 'Said at', record: true, say: sayInstant },
  version,
]
const who = (label: string, at: string, atLabel: string): readonly FieldSpec[] => [
  { name: 'actor_id', label, record: true, say: sayPerson },
  { name: at, label: atLabel, record: true, say: sayInstant },
  { name: 'updated_at', label: 'Batch changed at', record: true, say: sayInstant },
  version,
]

/** The fields that a change of each kind is compared by, in the order in which they are shown. */
export const fieldsOf: Readonly<Record<MutationKind, readonly FieldSpec[]>> = {
  'decision.record': [
    { name: 'action', label: 'Decision', say: sayAction },
    status,
    { name: 'reason', label: 'Reason' },
    { name: 'verification_score', label: 'Score' },
    ...opinion,
    ...content,
    ...who('Decided by', 'decided_at', 'Decided at'),
  ],
  'batch.claim': [status, ...content, ...who('Taken by', 'assigned_at', 'Taken at')],
  'certificate.issue': [
    { name: 'certificate_number', label: 'Certificate' },
    ...opinion,
    { name: 'sha256', label: 'File (SHA-256)', say: sayHash },
    status,
    ...content,
    ...who('Issued by', 'claimed_at', 'Signed at'),
  ],
  'independence.declare': [
    { name: 'declaration', label: 'Declaration', say: sayCode },
    { name: 'statement', label: 'Statement' },
    ...content,
    ...who('Declared by', 'decided_at', 'Declared at'),
  ],
  'score.set': [
    { name: 'criterion_code', label: 'Criterion' },
    { name: 'points', label: 'Points' },
    { name: 'not_applicable_reason', label: 'Not applicable because' },
    { name: 'note', label: 'Note' },
    { name: 'evidence_ids', label: 'Linked evidence', say: sayFiles },
    { name: 'actor_id', label: 'Scored by', record: true, say: sayPerson },
    { name: 'updated_at', label: 'Scored at', record: true, say: sayInstant },
    version,
  ],
  'finding.raise': finding,
  'finding.respond': finding,
  'finding.close': finding,
  'finding.withdraw': finding,
}

/** What each kind of change is called, one and many. */
export const kindWords: Readonly<Record<MutationKind, readonly [one: string, many: string]>> = {
  'batch.claim': ['claim', 'claims'],
  'score.set': ['score', 'scores'],
  'finding.raise': ['finding', 'findings'],
  'finding.respond': ['answer to a finding', 'answers to findings'],
  'finding.close': ['closing of a finding', 'closings of findings'],
  'finding.withdraw': ['withdrawal of a finding', 'withdrawals of findings'],
  'decision.record': ['decision', 'decisions'],
  'certificate.issue': ['certificate', 'certificates'],
  'independence.declare': ['declaration', 'declarations'],
}
