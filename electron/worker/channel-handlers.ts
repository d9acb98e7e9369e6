import { certificateHandlers } from './certificate-handlers.ts'
import type { ChannelHandlers } from './handler-types.ts'
import { reviewHandlers } from './review-handlers.ts'
import { sessionHandlers } from './session-handlers.ts'
import type { WorkerParts } from './worker-parts.ts'

/** Wires every channel to its use case. A channel without one does not compile. */
export const createChannelHandlers = (parts: WorkerParts): ChannelHandlers => ({
  ...sessionHandlers(parts),
  ...reviewHandlers(parts),
  ...certificateHandlers(parts),
})
