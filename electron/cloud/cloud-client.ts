import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { z } from 'zod'
import type { CloudTest } from '../../shared/contract/views.ts'
import { ok, type Result } from '../../shared/result.ts'
import { type SubmitAnswer, submitAnswer } from '../../shared/wire/outbox-file.ts'
import {
  appliedAnswer,
  handshakeAnswer,
  type handshakeRequest,
  type MutationDto,
  type PushResult,
  pushAnswer,
} from '../../shared/wire/sync.ts'
import { callEdgeFunction } from './call-edge-function.ts'
import { type CallOptions, createCallFunction } from './call-function.ts'
import { createClockOffset } from './clock-offset.ts'
import { createCloudSession } from './cloud-session.ts'
import { type DownloadRequest, downloadObject, type ObjectDownload } from './download-object.ts'
import { type CloudClock, observedFetch } from './exchange.ts'
import {
  type BootstrapPage,
  bootstrapFrame,
  isChange,
  isRecord,
  type PullPage,
  type PullPosition,
  pullFrame,
} from './pages.ts'
import { createPolling, type Polled, type PollRequest } from './poll.ts'
import { type ReceivedList, readList } from './received-list.ts'
import { malformedError } from './refusal.ts'
import { testConnection } from './test-connection.ts'
import { memoryTokenStore, type TokenStore } from './tokens.ts'
import { uploadObject } from './upload-object.ts'
import type { Uploaded, UploadRequest } from './upload-request.ts'

export type HandshakeRequest = z.infer<typeof handshakeRequest>
export type HandshakeAnswer = z.infer<typeof handshakeAnswer>

/** Figures of a table's rows in a scope: how many, the sum of their versions, and the sum of their ids' ends by their versions. */
export interface TableFigures {
  readonly count: number
  readonly version_sum: number
  readonly id_sum: number
}

/** Figures per table of a scope as of a cursor, from the cloud's live tables: without the rows that changed since, which it names. */
export interface ScopeFigures {
  /** False when more changed than is named. */
  readonly complete: boolean
  readonly changed: readonly { readonly table: string; readonly id: string }[]
  readonly tables: Readonly<Record<string, TableFigures>>
}

/** How old the oldest change is that the cloud's feed does not have, in seconds; 0 while it has all of them. */
export interface CloudHealth {
  readonly feedAgeSeconds: number
}

/** The cloud as the workstation sees it. Every call answers a `Result` with a code of the program; none of them throws. */
export interface CloudClient {
  readonly host: string
  readonly testConnection: () => Promise<CloudTest>
  readonly signIn: (email: string, password: string) => Promise<Result<{ readonly personId: string }>>
  /** True while a session is kept that may be renewed without the password. */
  readonly hasSession: () => boolean
  /** Forgets the session on this computer. */
  readonly signOut: () => void
  readonly handshake: (request: HandshakeRequest, options?: CallOptions) => Promise<Result<HandshakeAnswer>>
  readonly bootstrap: (
    request: {
      readonly scope: string
      readonly table: string
      readonly after: string | null
      readonly limit: number
    },
    options?: CallOptions,
  ) => Promise<Result<BootstrapPage>>
  readonly pull: (
    request: {
      readonly scope: string
      readonly cursor: string
      readonly upto: string | null
      readonly after: PullPosition | null
      readonly limit: number
    },
    options?: CallOptions,
  ) => Promise<Result<PullPage>>
  /** False until a handshake has said that this cloud can be asked for everything at once. */
  readonly canPoll: () => boolean
  /** What is new since these cursors of all scopes; null when a handshake is due, or this cloud does not have the call. */
  readonly poll: (request: PollRequest, options?: CallOptions) => Promise<Result<Polled | null>>
  readonly push: (mutations: readonly MutationDto[], options?: CallOptions) => Promise<Result<readonly PushResult[]>>
  /** Which of these changes the cloud's ledger knows as applied. */
  readonly applied: (mutationIds: readonly string[], options?: CallOptions) => Promise<Result<readonly string[]>>
  /** `except`: ids of rows that are left out of the figures. */
  readonly check: (
    request: { readonly scope: string; readonly cursor: string; readonly except: readonly string[] },
    options?: CallOptions,
  ) => Promise<Result<ScopeFigures>>
  readonly health: (options?: CallOptions) => Promise<Result<CloudHealth>>
  readonly download: (request: DownloadRequest) => Promise<Result<ObjectDownload>>
  readonly upload: (request: UploadRequest) => Promise<Result<Uploaded>>
  /** One request of submitting an outbox file, from a change on; the answer says where the next one begins. */
  readonly submitOutbox: (
    request: { readonly bytes: Uint8Array; readonly from: number },
    options?: CallOptions,
  ) => Promise<Result<SubmitAnswer>>
  /** The cloud's clock minus this computer's, in milliseconds. */
  readonly clockOffsetMilliseconds: () => number | null
}

/** What the client is made of. */
export interface CloudClientOptions {
  readonly url: string
  readonly publishableKey: string
  readonly clock: CloudClock
  /** Whose client this is: with the session of anybody else it makes no call. Left out: with whatever session there is. */
  readonly personId?: string
  /** Where the session is kept; in memory when left out. */
  readonly tokens?: TokenStore
  /** The network; Node's own when left out. */
  readonly fetch?: typeof globalThis.fetch
  readonly timeoutMilliseconds?: number
  readonly stallMilliseconds?: number
}

const timeout = 30_000
const stall = 30_000

/** An outbox file is large on its way, and hundreds of changes take the cloud a while: so many times the time of other calls. */
const slowCall = 4

const checkAnswer = z.object({
  complete: z.boolean(),
  changed: z.array(z.object({ table: z.string(), id: z.guid() })),
  tables: z.record(z.string(), z.object({ count: z.int(), version_sum: z.int(), id_sum: z.int() })),
})

const healthAnswer = z.object({ figures: z.object({ feed_age_seconds: z.int().min(0) }) })

/** Opens a cloud. Nothing is sent until a call is made, and nothing is repeated or renewed by a timer. */
export function createCloudClient(options: CloudClientOptions): CloudClient {
  const { url, publishableKey, clock } = options
  const network = options.fetch ?? globalThis.fetch
  const timeoutMilliseconds = options.timeoutMilliseconds ?? timeout
  const tokens = options.tokens ?? memoryTokenStore()
  const host = URL.canParse(url) ? new URL(url).host : url
  const fetch = observedFetch(network, clock)
  const offset = createClockOffset(clock)
  const personId = options.personId ?? null
  const session = createCloudSession({
    url,
    publishableKey,
    host,
    fetch,
    clock,
    tokens,
    timeoutMilliseconds,
    personId,
  })

  let kept: { readonly token: string; readonly client: SupabaseClient } | null = null
  const clientFor = (token: string): SupabaseClient => {
    if (kept?.token !== token)
      kept = {
        token,
        client: createClient(url, publishableKey, { accessToken: async () => token, global: { fetch } }),
      }
    return kept.client
  }
  const call = createCallFunction({ host, session, clientFor, timeoutMilliseconds })
  const polling = createPolling({ call, clock, offset })
  const objects = {
    host,
    session,
    clientFor,
    url,
    publishableKey,
    fetch,
    timeoutMilliseconds,
    stallMilliseconds: options.stallMilliseconds ?? stall,
  }

  const askFor = async <Answer>(
    name: string,
    schema: z.ZodType<Answer>,
    parameters: Readonly<Record<string, unknown>>,
    callOptions?: Parameters<typeof call>[2],
  ): Promise<Result<{ readonly answer: Answer; readonly list: ReceivedList | null }>> => {
    const answer = await call(name, parameters, callOptions)
    if (!answer.ok) return answer
    offset.estimate(answer.value.exchange)
    const parsed = schema.safeParse(answer.value.data)
    if (!parsed.success) return { ok: false, error: malformedError(name, z.prettifyError(parsed.error)) }
    return ok({ answer: parsed.data, list: answer.value.exchange.list })
  }

  const ask = async <Answer>(...call: Parameters<typeof askFor<Answer>>): Promise<Result<Answer>> => {
    const asked = await askFor(...call)
    return asked.ok ? ok(asked.value.answer) : asked
  }

  return {
    host,
    testConnection: () => testConnection({ url, publishableKey, fetch: network, clock, timeoutMilliseconds }),
    signIn(email, password) {
      polling.forget()
      return session.signIn(email, password)
    },
    hasSession: () => tokens.read() !== null,
    signOut() {
      polling.forget()
      session.forget()
    },
    async handshake(request, callOptions) {
      const answer = await call('workstation_handshake', { p_request: request }, callOptions)
      if (!answer.ok) return answer
      const parsed = handshakeAnswer.safeParse(answer.value.data)
      if (!parsed.success)
        return { ok: false, error: malformedError('workstation_handshake', z.prettifyError(parsed.error)) }
      offset.measure(parsed.data.server_time, answer.value.exchange)
      polling.greeted(parsed.data)
      return ok(parsed.data)
    },
    canPoll: polling.canPoll,
    poll: polling.poll,
    async bootstrap({ scope, table, after, limit }, callOptions) {
      const parameters = { p_scope: scope, p_table: table, p_after: after, p_limit: limit }
      const asked = await askFor('sync_bootstrap', bootstrapFrame, parameters, { ...callOptions, list: 'rows' })
      if (!asked.ok) return asked
      const { answer, list } = asked.value
      return ok(list === null ? answer : { ...answer, rows: readList(list, isRecord) })
    },
    async pull({ scope, cursor, upto, after, limit }, callOptions) {
      const parameters = { p_scope: scope, p_cursor: cursor, p_upto: upto, p_after: after, p_limit: limit }
      const asked = await askFor('sync_pull', pullFrame, parameters, { ...callOptions, list: 'changes' })
      if (!asked.ok) return asked
      const { answer, list } = asked.value
      return ok(list === null ? answer : { ...answer, changes: readList(list, isChange) })
    },
    push: (mutations, callOptions) => ask('sync_push', pushAnswer, { p_mutations: mutations }, callOptions),
    applied: (mutationIds, callOptions) =>
      ask('sync_applied', appliedAnswer, { p_mutations: mutationIds }, callOptions),
    check: ({ scope, cursor, except }, callOptions) =>
      ask('sync_check', checkAnswer, { p_scope: scope, p_cursor: cursor, p_except: except }, callOptions),
    async health(callOptions) {
      const answer = await ask('health', healthAnswer, {}, callOptions)
      return answer.ok ? ok({ feedAgeSeconds: answer.value.figures.feed_age_seconds }) : answer
    },
    download: (request) => downloadObject(objects, request),
    upload: (request) => uploadObject(objects, request),
    async submitOutbox({ bytes, from }, callOptions) {
      const answer = await callEdgeFunction(
        { url, publishableKey, host, session, fetch },
        {
          path: `submit-outbox?from=${from}`,
          body: bytes,
          timeoutMilliseconds: timeoutMilliseconds * slowCall,
          signal: callOptions?.signal,
        },
      )
      if (!answer.ok) return answer
      const parsed = submitAnswer.safeParse(answer.value.data)
      return parsed.success
        ? ok(parsed.data)
        : { ok: false, error: malformedError('submit-outbox', z.prettifyError(parsed.error)) }
    },
    clockOffsetMilliseconds: offset.milliseconds,
  }
}
