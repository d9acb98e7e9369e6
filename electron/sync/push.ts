import type { MutationId } from '../../shared/domain/ids.ts'
import { type AppError, ok, type Result } from '../../shared/result.ts'
import { type MutationDto, type PushResult, pushLimit } from '../../shared/wire/sync.ts'
import type { WriteHandle } from '../database/handles.ts'
import { settleMutations } from '../outbox/settle-mutation.ts'
import { recoverSending, returnToQueue, takeForPush } from '../outbox/take-for-push.ts'
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
  const { clock, database } = context
  const take = (handle: WriteHandle) => takeForPush(handle, clock, pushLimit)
  let settled = 0
  // Nothing is on its way when this begins. What says so is of a push that could not keep the answer, such as on a full disk.
  let taken = database.write((handle) => {
    recoverSending(handle)
    return take(handle)
  })
  while (taken.length > 0) {
    context.report({ phase: 'push', done: settled, total: settled + taken.length, label: 'Changes' })
    const answer = await send(context, taken, signal)
    const sent = taken
    settled += sent.length
    if (answer.ok) {
      // One commit for both: what is settled and what goes next.
      taken = database.write((handle) => {
        settle(handle, context, settleContext, sent, answer.value)
        return take(handle)
      })
    } else if (answer.error.code === 'cloud_refused') {
      // The whole call was refused: find out which one it is about, so that the others are not held up.
      const oneByOne = await pushOneByOne(context, settleContext, sent, signal)
      if (!oneByOne.ok) return oneByOne
      taken = database.write(take)
    } else {
      database.write((handle) => giveBack(handle, sent, answer.error))
      return answer
    }
    await yieldToCalls()
  }
  return ok({ settled })
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
  const { database } = context
  for (const [index, mutation] of mutations.entries()) {
    const answer = await send(context, [mutation], signal)
    if (!answer.ok && answer.error.code !== 'cloud_refused') {
      database.write((handle) => giveBack(handle, mutations.slice(index), answer.error))
      return answer
    }
    const results = answer.ok ? answer.value : [refusedAlone(mutation, answer.error)]
    database.write((handle) => settle(handle, context, settleContext, [mutation], results))
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

/** Takes in what the cloud answered to a call. A change that it says nothing about is sent again, after a pause. */
function settle(
  handle: WriteHandle,
  context: SyncContext,
  settleContext: SettleContext,
  sent: readonly MutationDto[],
  results: readonly PushResult[],
): void {
  const { clock, database, log } = context
  const byId = new Map(results.map((result) => [result.mutation_id, result]))
  const answered = sent.flatMap(({ mutation_id }) => byId.get(mutation_id) ?? [])
  const bits = bitsOf(listScopes(handle))
  // Settling lays what is left of a batch's changes over the rows that the cloud answered with, so these come first.
  const page = beginMirrorPage(handle, context)
  for (const { rows } of answered) for (const { table, row } of rows) page.answer(table, row, bits)
  settleMutations(handle, settleContext, answered)
  page.finish()
  for (const { mutation_id, batch_id } of sent) if (byId.has(mutation_id)) context.changed.add(batch_id)
  writeFact(handle, database, 'sync.last_pushed_at', clock.now())
  const unanswered = sent.filter(({ mutation_id }) => !byId.has(mutation_id))
  if (unanswered.length === 0) return
  log.warn('sync.push_unanswered', { count: unanswered.length })
  const error: AppError = {
    code: 'cloud_incompatible',
    message: 'The cloud did not say what became of this change.',
    action: 'It is sent again by itself.',
  }
  giveBack(handle, unanswered, error, laterThan(clock.now(), unansweredPause))
}

/** Puts mutations back into the queue as they are. When the way failed, the next try of the whole is soon enough for all of them. */
function giveBack(
  handle: WriteHandle,
  mutations: readonly MutationDto[],
  { code, message, action }: AppError,
  nextAttemptAt: string | null = null,
): void {
  returnToQueue(
    handle,
    mutations.map(({ mutation_id }) => mutation_id as MutationId),
    { code, message, action: action ?? null },
    nextAttemptAt,
  )
}
