import { randomUUID } from 'node:crypto'
import type { MutationKind } from '../../shared/domain/sync-state.ts'
import { type MutationDto, type MutationPayload, type PushResult, pushAnswer } from '../../shared/wire/sync.ts'
import type { Session } from './support.ts'

/** A local change with everything that a test does not care about filled in. */
export const mutation = <Kind extends MutationKind>(
  kind: Kind,
  batch: string,
  payload: MutationPayload<Kind>,
  rest: Partial<MutationDto> = {},
): MutationDto => ({
  mutation_id: randomUUID(),
  kind,
  schema_version: 1,
  row_id: randomUUID(),
  batch_id: batch,
  base_version: 0,
  after_mutation_id: null,
  content_hash: null,
  device_id: '0d0c0b0a-0000-4000-8000-000000000001',
  occurred_at: '2026-11-20T21:33:00.000Z',
  clock_offset_ms: 12,
  payload,
  ...rest,
})

/** Sends local changes and gives their fates, checked against the contract. */
export const push = async (session: Session, mutations: readonly MutationDto[]): Promise<readonly PushResult[]> =>
  pushAnswer.parse(await session.call('sync_push', { p_mutations: mutations }))

/** Sends one local change and gives its fate. */
export const pushOne = async (session: Session, sent: MutationDto): Promise<PushResult> => {
  const [result] = await push(session, [sent])
  if (result === undefined) throw new Error('a change that was sent has a fate')
  return result
}

/** What a batch is right now, for the base of a decision. */
export interface BatchNow {
  readonly version: number
  readonly content_hash: string
  readonly status: string
}

/** Reads a batch as the database's owner. */
export const batchNow = async (
  owner: { query(sql: string, values: unknown[]): Promise<{ rows: BatchNow[] }> },
  batch: string,
): Promise<BatchNow> => {
  const { rows } = await owner.query('select version, content_hash, status from public.batches where id = $1', [batch])
  const [row] = rows
  if (row === undefined) throw new Error(`no batch ${batch}`)
  return row
}

/** A decision on a batch as it is right now. */
export const decision = (
  batch: string,
  now: BatchNow,
  payload: Partial<MutationPayload<'decision.record'>> = {},
  rest: Partial<MutationDto> = {},
): MutationDto =>
  mutation(
    'decision.record',
    batch,
    {
      action: 'approve',
      reason_code: 'evidence_complete',
      reason: '',
      score: null,
      rubric_id: null,
      opinion: null,
      assurance_level: null,
      unviewed_evidence_ids: [],
      ...payload,
    },
    { base_version: now.version, content_hash: now.content_hash, ...rest },
  )
