import type { ChannelName, RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import type { Result } from '../../shared/result.ts'
import { certificateHandlers } from './certificate-handlers.ts'
import { reviewHandlers } from './review-handlers.ts'
import { sessionHandlers } from './session-handlers.ts'
import type { WorkerParts } from './worker-parts.ts'

/** One function for every channel of the contract. */
export type ChannelHandlers = {
  readonly [Channel in ChannelName]: (input: RequestOf<Channel>) => Promise<Result<ResponseOf<Channel>>>
}

/** Wires every channel to its use case. A channel without one does not compile. */
export const createChannelHandlers = (parts: WorkerParts): ChannelHandlers => ({
  ...sessionHandlers(parts),
  ...reviewHandlers(parts),
  ...certificateHandlers(parts),
})
