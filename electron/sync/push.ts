import type { MutationId } from '../../shared/domain/ids.ts'
import { type AppError, ok, type Result } from '../../shared/result.ts'
import { type MutationDto, type PushResult, pushLimit } from '../../shared/wire/sync.ts'
import { settleMutations } from '../outbox/settle-mutation.ts'
import { returnToQueue, takeForPush } from '../outbox/take-for-push.ts'
import { laterThan } from '../platform/clock.ts'
import { writeFact } from './facts.ts'
import { beginMirrorPage } from './mirror-page.ts'
import { bitsOf, listScopes } from './scopes.ts'
import type { SyncContext } from './sync-context.ts'
import { yieldToCalls } from './sync-context.ts'

/** A change without an answer is not sent again in the same breath. */
const unansweredPause = 60_000

/** What settling a mutation is told about who and where, see `settleMutations`. */
export type SettleContext = Parameters<typeof settleMutations>[1]

/**
 * Sends what is due, in order, up to 100 at a time, until nothing is. The fate of each is written together with the rows that the
 * cloud answered with. A failure of the way puts all of them back as they are: the same bodies go again, and the cloud answers a
 * repeat with the first result.
 */
export async function push(
  context: SyncContext,
  settleContext: SettleContext,
  signal: AbortSignal,
): Promise<Result<{ readonly settled: number }>> {
  const { database, clock } = context
  let settled = 0
  for (;;) {
    const taken = database.write((handle) => takeForPush(handle, clock, pushLimit))
    if (taken.length === 0) return ok({ settled })
    context.report({ phase: 'push', done: settled, total: settled + taken.length, label: 'Changes' })
    const answer = await send(context, taken, signal)
    if (!answer.ok) {
      if (answer.error.code !== 'cloud_refused') {
        giveBack(context, taken, answer.error)
        return answer
      }
      // The whole call was refused: find out which one it is about, so that the others are not held up.
      const oneByOne = await pushOneByOne(context, settleContext, taken, signal)
      if (!oneByOne.ok) return oneByOne
    } else settle(context, settleContext, taken, answer.value)
    settled += taken.length
    await yieldToCalls()
  }
}

const send = ({ cloud, journal }: SyncContext, mutations: readonly MutationDto[], signal: AbortSignal) =>
  journal.measure(
    { kind: 'push' },
    (traffic) => cloud.push(mutations, { signal, traffic }),
    (results) => ({
      rowsOut: mutations.length,
      rowsIn: results.reduce((rows, result) => rows + result.rows.length, 0),
    }),
  )

/** Sends each by itself. One that the cloud refuses even alone is parked as rejected, visible, and the others go on. */
async function pushOneByOne(
  context: SyncContext,
  settleContext: SettleContext,
  mutations: readonly MutationDto[],
  signal: AbortSignal,
): Promise<Result<void>> {
  for (const [index, mutation] of mutations.entries()) {
    const answer = await send(context, [mutation], signal)
    if (answer.ok) settle(context, settleContext, [mutation], answer.value)
    else if (answer.error.code === 'cloud_refused')
      settle(context, settleContext, [mutation], [refusedAlone(mutation, answer.error)])
    else {
      giveBack(context, mutations.slice(index), answer.error)
      return answer
    }
  }
  return ok(undefined)
}

const refusedAlone = (mutation: MutationDto, error: AppError): PushResult => ({
  mutation_id: mutation.mutation_id,
  status: 'rejected',
  code: error.code,
  message: error.message,
  action: error.action ?? null,
  rows: [],
})

function settle(
  context: SyncContext,
  settleContext: SettleContext,
  sent: readonly MutationDto[],
  results: readonly PushResult[],
): void {
  const { database, clock, log } = context
  const byId = new Map(results.map((result) => [result.mutation_id, result]))
  const unanswered = sent.filter(({ mutation_id }) => !byId.has(mutation_id))
  database.write((handle) => {
    const bits = bitsOf(listScopes(handle, database))
    const answered = sent.flatMap(({ mutation_id }) => byId.get(mutation_id) ?? [])
    // Settling lays what is left of a batch's changes over the rows that the cloud answered with, so these come first.
    const page = beginMirrorPage(handle, context)
    for (const { rows } of answered) for (const { table, row } of rows) page.answer(table, row, bits)
    settleMutations(handle, settleContext, answered)
    page.finish()
    for (const { mutation_id, batch_id } of sent) if (byId.has(mutation_id)) context.changed.add(batch_id)
    writeFact(handle, database, 'sync.last_pushed_at', clock.now())
  })
  if (unanswered.length > 0) {
    log.warn('sync.push_unanswered', { count: unanswered.length })
    const error: AppError = {
      code: 'cloud_incompatible',
      message: 'The cloud did not say what became of this change.',
      action: 'It is sent again by itself.',
    }
    giveBack(context, unanswered, error, laterThan(clock.now(), unansweredPause))
  }
}

/** Puts mutations back into the queue as they are. When the way failed, the next try of the whole is soon enough for all of them. */
function giveBack(
  { database }: SyncContext,
  mutations: readonly MutationDto[],
  { code, message, action }: AppError,
  nextAttemptAt: string | null = null,
): void {
  database.write((handle) =>
    returnToQueue(
      handle,
      mutations.map(({ mutation_id }) => mutation_id as MutationId),
      { code, message, action: action ?? null },
      nextAttemptAt,
    ),
  )
}
