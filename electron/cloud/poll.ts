import { z } from 'zod'
import { type AppError, ok, type Result } from '../../shared/result.ts'
import type { handshakeAnswer } from '../../shared/wire/sync.ts'
import type { CallFunction, CallOptions } from './call-function.ts'
import type { ClockOffset } from './clock-offset.ts'
import type { CloudClock } from './exchange.ts'
import { type PullPage, pullFrame } from './pages.ts'
import { malformedError } from './refusal.ts'

type HandshakeAnswer = z.infer<typeof handshakeAnswer>

/** What is new in all scopes since the cursors that were asked about, as of one snapshot. */
export interface Polled {
  /** The last handshake's answer, which is still what a handshake would answer. */
  readonly greeting: HandshakeAnswer
  /** When the cloud answered, by this computer's clock. */
  readonly at: string
  /** The next cursor of every scope that is not in `pages`: nothing is new in them. */
  readonly upto: string
  /** Null: more than fits, to be pulled. `stale`: the cloud cannot go on from that cursor. */
  readonly pages: ReadonlyMap<string, PullPage | 'stale' | null>
}

/** Cursors by scope, and how many changes the answer may carry in all. */
export interface PollRequest {
  readonly cursors: Readonly<Record<string, string>>
  readonly limit: number
}

/** Asking a cloud for everything at once, between two handshakes. */
interface Polling {
  /** What a handshake answered. */
  readonly greeted: (answer: HandshakeAnswer) => void
  /** What was answered counts no more: another handshake comes first. */
  readonly forget: () => void
  readonly canPoll: () => boolean
  readonly poll: (request: PollRequest, options?: CallOptions) => Promise<Result<Polled | null>>
}

const pollFrame = z.union([
  z.object({ greet: z.literal(true) }),
  z.object({
    time: z.string(),
    upto: z.string(),
    pages: z.record(z.string(), z.union([pullFrame, z.literal('stale'), z.null()])).default({}),
  }),
])

/**
 * The cloud does not have this call, though it told a fingerprint: what serves it has not heard of its functions yet. The call itself
 * never answers so.
 */
const isMissing = ({ detail }: AppError): boolean => detail?.status === 404

/** One cursor stands for all scopes where it is that of all: so it is after each poll, and the request is shorter by half. */
function briefly(
  cursors: Readonly<Record<string, string>>,
  scopes: readonly string[],
): PollRequest['cursors'] | string {
  const [first = ''] = Object.values(cursors)
  const isOfAll = Object.keys(cursors).length === scopes.length && scopes.every((scope) => cursors[scope] === first)
  return isOfAll ? first : cursors
}

/** So many handshakes later the call is tried again: an hour of runs that have nothing to send. */
const handshakesUntilTriedAgain = 120

/** Makes the polling of one cloud client. What a handshake answered is kept in memory alone, and only until something goes wrong. */
export function createPolling({
  call,
  clock,
  offset,
}: {
  readonly call: CallFunction
  readonly clock: Pick<CloudClock, 'now'>
  readonly offset: ClockOffset
}): Polling {
  let greeting: HandshakeAnswer | null = null
  let handshakesWithout = 0

  const canPoll = () => handshakesWithout === 0 && greeting?.fingerprint !== undefined

  return {
    greeted(answer) {
      greeting = answer
      handshakesWithout = Math.max(0, handshakesWithout - 1)
    },
    forget() {
      greeting = null
      handshakesWithout = 0
    },
    canPoll,
    async poll({ cursors, limit }, options) {
      const known = greeting
      if (known === null || !canPoll()) return ok(null)
      // Whatever refuses this call is told at a handshake what it has to be told, and noted there.
      greeting = null
      const answer = await call(
        'sync_poll',
        { p_fingerprint: known.fingerprint ?? null, p_cursors: briefly(cursors, known.scopes), p_limit: limit },
        options,
      )
      if (!answer.ok) {
        if (!isMissing(answer.error)) return answer
        handshakesWithout = handshakesUntilTriedAgain
        return ok(null)
      }
      const parsed = pollFrame.safeParse(answer.value.data)
      if (!parsed.success) return { ok: false, error: malformedError('sync_poll', z.prettifyError(parsed.error)) }
      if ('greet' in parsed.data) return ok(null)
      greeting = known
      offset.measure(parsed.data.time, answer.value.exchange)
      const { upto, pages } = parsed.data
      return ok({ greeting: known, at: clock.now(), upto, pages: new Map(Object.entries(pages)) })
    },
  }
}
