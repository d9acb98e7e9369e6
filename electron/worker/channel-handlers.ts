import type { ChannelName } from '../../shared/contract/channels.ts'
import type { Result } from '../../shared/result.ts'
import { storageFailure } from '../database/storage-error.ts'
import type { Log } from '../platform/log.ts'
import { certificateHandlers } from './certificate-handlers.ts'
import type { ChannelHandlers } from './handler-types.ts'
import { outboxHandlers } from './outbox-handlers.ts'
import { reviewHandlers } from './review-handlers.ts'
import { sessionHandlers } from './session-handlers.ts'
import { storageHandlers } from './storage-handlers.ts'
import { syncLogHandlers } from './sync-log-handlers.ts'
import type { WorkerParts } from './worker-parts.ts'

/** Wires every channel to its use case. A channel without one does not compile. */
export const createChannelHandlers = (parts: WorkerParts): ChannelHandlers => ({
  ...sessionHandlers(parts),
  ...outboxHandlers(parts),
  ...syncLogHandlers(parts),
  ...reviewHandlers(parts),
  ...storageHandlers(parts),
  ...certificateHandlers(parts),
})

/** Answers one parsed call. A full disk or a damaged file is not a defect: the person can act on it. Defects are thrown on. */
export async function answerChannel(
  handlers: ChannelHandlers,
  log: Log,
  { channel, input }: { readonly channel: ChannelName; readonly input: unknown },
): Promise<Result<unknown>> {
  try {
    return await handlers[channel](input as never)
  } catch (error) {
    const failure = storageFailure(error)
    if (failure === null) throw error
    log.error('database.failed', { channel, code: failure.code })
    return { ok: false, error: failure }
  }
}
