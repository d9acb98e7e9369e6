import type { ChannelName, RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import type { Result } from '../../shared/result.ts'

/** One function for every channel of the contract. */
export type ChannelHandlers = {
  readonly [Channel in ChannelName]: (input: RequestOf<Channel>) => Promise<Result<ResponseOf<Channel>>>
}

/** The handlers of the channels whose names begin alike. */
export type HandlersOf<Names extends string> = Pick<ChannelHandlers, Extract<ChannelName, Names>>
