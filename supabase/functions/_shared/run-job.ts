import { callRpc, type FunctionEnvironment } from './database.ts'
import { jobKinds } from './job-kinds.ts'

/** A job as `claim_jobs` gives it. */
export interface ClaimedJob {
  readonly id: string
  readonly kind: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly attempts: number
  readonly max_attempts: number
}

/** How an attempt ended. `final` is for what another attempt would not put right; times are in seconds. */
export type JobOutcome =
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly error: string; readonly final: boolean; readonly retryAfter: number | null }
  | { readonly state: 'postponed'; readonly reason: string; readonly seconds: number }

/**
 * A function that was called by a job says with this header how the job goes on where its status alone does not: `dead`
 * where another attempt is no use, `postpone` where something else has to change first, `retry-after` seconds later.
 */
export const JOB_HEADER = 'veridesk-job'

/** How long a job of a kind may take, in seconds. */
export const secondsOf = (kind: string): number => jobKinds[kind]?.seconds ?? 60

const POSTPONED_SECONDS = 300

const readOutcome = async (response: Response): Promise<JobOutcome> => {
  if (response.ok) {
    await response.body?.cancel()
    return { state: 'done' }
  }
  const text = await response.text()
  const said: { error?: unknown; code?: unknown } = (() => {
    try {
      const body: unknown = JSON.parse(text)
      return typeof body === 'object' && body !== null ? body : {}
    } catch {
      return {}
    }
  })()
  const error = `${String(said.code ?? response.status)}: ${String(said.error ?? text.slice(0, 200))}`
  const after = Number(response.headers.get('retry-after') ?? Number.NaN)
  const how = response.headers.get(JOB_HEADER)
  if (how === 'postpone') {
    return { state: 'postponed', reason: error, seconds: Number.isFinite(after) ? after : POSTPONED_SECONDS }
  }
  return { state: 'failed', error, final: how === 'dead', retryAfter: Number.isFinite(after) ? after : null }
}

/** Statuses of a database function that will say the same the next time. */
const isFinal = (status: number): boolean => status === 400 || status === 404 || status === 422

/**
 * Runs one attempt of a job by its kind and says how it ended; never throws. `callFunction` sends a request to an edge
 * function, `fetch` when left out.
 */
export const runJob = async (
  job: ClaimedJob,
  environment: FunctionEnvironment,
  callFunction: (request: Request) => Promise<Response> = (request) => fetch(request),
): Promise<JobOutcome> => {
  const kind = Object.hasOwn(jobKinds, job.kind) ? jobKinds[job.kind] : undefined
  if (kind === undefined)
    return { state: 'failed', error: `No worker knows the kind ${job.kind}.`, final: true, retryAfter: null }
  try {
    if ('rpc' in kind) {
      const answer = await callRpc(environment, kind.rpc, job.payload, 'service', secondsOf(job.kind) * 1000)
      if (answer.ok) return { state: 'done' }
      return {
        state: 'failed',
        error: `${answer.code}: ${answer.message}`,
        final: isFinal(answer.status),
        retryAfter: null,
      }
    }
    const key = environment.SUPABASE_SERVICE_ROLE_KEY ?? ''
    return await readOutcome(
      await callFunction(
        new Request(`${environment.SUPABASE_URL}/functions/v1/${kind.function}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', apikey: key, authorization: `Bearer ${key}` },
          body: JSON.stringify({ ...job.payload, job_id: job.id, last_attempt: job.attempts >= job.max_attempts }),
          signal: AbortSignal.timeout(secondsOf(job.kind) * 1000),
        }),
      ),
    )
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { state: 'failed', error: message, final: false, retryAfter: null }
  }
}
