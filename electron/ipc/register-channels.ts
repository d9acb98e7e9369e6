import type { IpcMain } from 'electron'
import type { z } from 'zod'
import { fail, type Result } from '../../shared/result.ts'
import type { Log } from '../platform/log.ts'
import { isTrustedSender, type TrustedCaller } from './trusted-sender.ts'

/** A map from a channel's name to the schema of its request and the type of its answer. */
export type ChannelMap = Readonly<Record<string, { readonly request: z.ZodType; readonly response?: unknown }>>

/** What a handler knows of a call besides its input. */
export interface CallContext {
  readonly channel: string
  /** Id of the window's contents, for answers that go back as events or need a parent window. */
  readonly contentsId: number
}

/** One function for every channel of a map. */
export type Handlers<Channels extends ChannelMap> = {
  readonly [Name in keyof Channels]: (
    input: z.infer<Channels[Name]['request']>,
    context: CallContext,
  ) => Promise<Result<Exclude<Channels[Name]['response'], undefined>>>
}

/** What the calls are taken with. */
export interface Registration<Channels extends ChannelMap> {
  readonly ipcMain: Pick<IpcMain, 'handle'>
  readonly channels: Channels
  readonly handlers: Handlers<Channels>
  readonly trusted: TrustedCaller
  readonly log: Log
  /** Version of the channel map; the preload was built with its own. */
  readonly contractVersion: number
}

/** Name under which a channel travels. The preload puts the same prefix before it. */
export const ipcName = (channel: string): string => `veridesk:${channel}`

const refused = fail('not_allowed', 'This page may not ask the program for anything.')
const otherVersion = fail(
  'internal',
  'The window and the program are of different versions.',
  'Close Veridesk and start it again; if this stays, install it again.',
)
const defect = (channel: string) =>
  fail(
    'internal',
    'Veridesk made a mistake and did not do this.',
    'Try again. If it happens again, send the log file to support.',
    { channel },
  )

function invalid(channel: string, error: z.ZodError) {
  const issue = error.issues[0]
  const field = issue?.path.map(String).join('.') || 'the request as a whole'
  return fail(
    'invalid_input',
    `Something is wrong with ${field}: ${issue?.message ?? 'it is not understood'}.`,
    undefined,
    {
      channel,
      field,
    },
  )
}

const factsOf = (error: unknown) =>
  error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack ?? '' }
    : { name: typeof error, message: String(error), stack: '' }

/**
 * The one place where a call enters the program: checks the sender, the version and the input, calls the handler, and turns an
 * exception into a `Result`. A page learns that something failed, never where in the code.
 */
export function registerChannels<Channels extends ChannelMap>(registration: Registration<Channels>): void {
  const { ipcMain, channels, handlers, trusted, log, contractVersion } = registration
  for (const channel of Object.keys(channels)) {
    const schema = channels[channel]?.request
    const handler = handlers[channel]
    if (!schema || !handler) throw new Error(`The channel ${channel} has no handler`)
    ipcMain.handle(ipcName(channel), async (event, version: unknown, input: unknown): Promise<Result<unknown>> => {
      if (!isTrustedSender(event, trusted)) {
        log.warn('ipc.sender-refused', { channel })
        return refused
      }
      if (version !== contractVersion) {
        log.error('ipc.version-differs', { channel, program: contractVersion, window: String(version) })
        return otherVersion
      }
      const parsed = schema.safeParse(input)
      if (!parsed.success) {
        const answer = invalid(channel, parsed.error)
        log.warn('ipc.input-refused', { channel, field: String(answer.error.detail?.field) })
        return answer
      }
      try {
        return await handler(parsed.data as Parameters<typeof handler>[0], { channel, contentsId: event.sender.id })
      } catch (error) {
        log.error('ipc.handler-failed', { channel, ...factsOf(error) })
        return defect(channel)
      }
    })
  }
}
