import type { HandoverOutlook } from '../../shared/contract/handover-views.ts'
import { type AppError, fail, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import { readFact } from '../sync/facts.ts'
import { deviceKeyOf } from './device-key.ts'

/** States of changes that the cloud has not answered and that wait for nothing but the way there. */
export const handoverStates = ['held', 'queued', 'sending'] as const

/** Why the cloud would not know a file of this workspace; null when it would. */
export function handoverProblem({ database }: Pick<CaseContext, 'database'>): AppError | null {
  const registered = readFact(database.read, database, 'sync.signing_key')
  if (readFact(database.read, database, 'sync.server_epoch') !== null && registered === deviceKeyOf(database).publicKey)
    return null
  return fail(
    'blocked',
    'The cloud does not know the key of this computer yet, so it would refuse the file.',
    'Connect once, on any network; from then on files can be handed over without one.',
  ).error
}

/** What an outbox file that is written now would hold, and why none can be written. */
export function handoverOutlook(context: CaseContext): Result<HandoverOutlook> {
  const { database } = context
  return reading(() => {
    const rows = database.read.all(
      database.build
        .selectFrom('outbox')
        .select(({ fn }) => [
          'state',
          fn.countAll<number>().as('changes'),
          fn.count<number>('handed_over_at').as('handed_over'),
        ])
        .where('state', 'in', [...handoverStates, 'waiting'])
        .groupBy('state'),
    )
    const unsent = rows.filter(({ state }) => state !== 'waiting')
    const countOf = (wanted: string) => rows.find(({ state }) => state === wanted)?.changes ?? 0
    return {
      unsent: unsent.reduce((sum, { changes }) => sum + changes, 0),
      handedOver: unsent.reduce((sum, { handed_over }) => sum + handed_over, 0),
      held: countOf('held'),
      waiting: countOf('waiting'),
      problem: handoverProblem(context),
    }
  })
}
