import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { preflight, refuse, respond } from '../_shared/respond.ts'

const STORAGE_LIMIT_MS = 5000

type Status = 'ok' | 'degraded' | 'down'

interface Reason {
  readonly measure: string
  readonly level: 'degraded' | 'down'
  readonly meaning: string
}

interface Report {
  readonly status: Status
  readonly as_of: string
  readonly reasons: readonly Reason[]
}

const unreachable = (measure: string, meaning: string): Reason => ({ measure, level: 'down', meaning })

/** Asks the storage for its buckets: that its rows are there says nothing about the service that hands out the files. */
const storageAnswers = async (environment: FunctionEnvironment): Promise<boolean> => {
  const key = environment.SUPABASE_SERVICE_ROLE_KEY ?? ''
  try {
    const response = await fetch(`${environment.SUPABASE_URL ?? ''}/storage/v1/bucket`, {
      headers: { apikey: key, authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(STORAGE_LIMIT_MS),
    })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

const statusOf = (reasons: readonly Reason[]): Status =>
  reasons.some(({ level }) => level === 'down') ? 'down' : reasons.length > 0 ? 'degraded' : 'ok'

/**
 * Whether the cloud works. Anybody learns `{status}` with `up` (HTTP 200) or `down` (503), which is what a monitor asks; with
 * the service key the whole report of `public.health()` comes with it, and `ok`, `degraded` or `down`.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(405, 'method_not_allowed', 'Health is asked for with GET.', 'Send a GET request.', {
      allow: 'GET, HEAD, OPTIONS',
    })
  const [report, storage] = await Promise.all([
    callRpc<Report>(environment, 'health', {}, 'service'),
    storageAnswers(environment),
  ])
  const reasons = [
    ...(report.ok ? report.value.reasons : [unreachable('database', 'The database does not answer.')]),
    ...(storage ? [] : [unreachable('storage', 'The storage does not answer.')]),
  ]
  const status = statusOf(reasons)
  const code = status === 'down' ? 503 : 200
  if (readBearer(request, environment) !== 'service')
    return respond({ status: status === 'down' ? 'down' : 'up' }, code)
  const facts = report.ok ? report.value : { as_of: new Date().toISOString() }
  return respond({ ...facts, status, reasons }, code)
}
