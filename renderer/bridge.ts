import type { ChannelName, EventName } from '../shared/contract/channel-names.ts'
import type { Events, RequestOf, ResponseOf } from '../shared/contract/channels.ts'
import { type AppError, fail, type Result } from '../shared/result.ts'

/** A value of which nothing is changed any more, all the way down. */
type Frozen<Value> = Value extends Uint8Array | string | number | boolean | null | undefined
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : { readonly [Key in keyof Value]: Frozen<Value[Key]> }

/** What a call takes; lists may be read-only. */
export type Request<Channel extends ChannelName> = Frozen<RequestOf<Channel>>

/** What the preload script puts on the window: names and structured clones, nothing else. */
export interface ExposedBridge {
  /** Calls a channel; answers with a `Result`. Rejects on a defect alone. */
  readonly invoke: (channel: ChannelName, request: unknown) => Promise<unknown>
  /** Listens to an event; answers with the function that stops listening. */
  readonly on: (event: EventName, listener: (payload: unknown) => void) => () => void
}

declare global {
  interface Window {
    readonly veridesk?: ExposedBridge
  }
}

const unreachable: AppError = {
  code: 'internal',
  message: 'The window lost its connection to the program.',
  action: 'Close Veridesk and open it again. Everything that was saved is kept.',
}

/**
 * Calls the program. Expected failures and defects alike arrive as a failed `Result`, so that no screen is left waiting.
 * Answers are made by the program that ships with this window and are not parsed again.
 */
async function invoke<Channel extends ChannelName>(
  channel: Channel,
  request: Request<Channel>,
): Promise<Result<ResponseOf<Channel>>> {
  const exposed = window.veridesk
  if (exposed === undefined) return { ok: false, error: unreachable }
  try {
    return (await exposed.invoke(channel, request)) as Result<ResponseOf<Channel>>
  } catch (cause) {
    console.error(`${channel} failed`, cause)
    return fail(
      'internal',
      'Something went wrong inside Veridesk.',
      'Try again. If it happens again, restart Veridesk.',
    )
  }
}

/** Listens to what the program tells; answers with the function that stops listening. */
function on<Event extends EventName>(event: Event, listener: (payload: Events[Event]) => void): () => void {
  return window.veridesk?.on(event, (payload) => listener(payload as Events[Event])) ?? (() => undefined)
}

/** The only way from the window to the program. */
export const bridge = { invoke, on }
