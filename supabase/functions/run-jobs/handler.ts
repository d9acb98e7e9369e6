import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { jobKinds } from '../_shared/job-kinds.ts'
import { preflight, refuse, refuseBecause, respond } from '../_shared/respond.ts'
import { type ClaimedJob, type JobOutcome, runJob, secondsOf } from '../_shared/run-job.ts'

/** How many jobs run at once, and how many one call takes on at most. */
const AT_ONCE = 8
const AT_MOST = 200
/** No more jobs are begun after this; a call of an edge function ends on its own some time later. */
const BEGIN_WITHIN_MS = 40_000
const HELD_SECONDS = 120

const settle = async (
  environment: FunctionEnvironment,
  worker: string,
  job: ClaimedJob,
): Promise<JobOutcome['state']> => {
  const mine = { p_job: job.id, p_worker: worker }
  const held = secondsOf(job.kind) + 10
  if (held > HELD_SECONDS) await callRpc(environment, 'extend_job', { ...mine, p_visibility: held }, 'service')
  const outcome = await runJob(job, environment)
  if (outcome.state === 'done') {
    await callRpc(environment, 'finish_job', mine, 'service')
  } else if (outcome.state === 'postponed') {
    const parameters = { ...mine, p_reason: outcome.reason, p_seconds: Math.ceil(outcome.seconds) }
    await callRpc(environment, 'postpone_job', parameters, 'service')
  } else {
    console.error(`Job ${job.kind} ${job.id}, attempt ${job.attempts}: ${outcome.error}`)
    const { error, final, retryAfter } = outcome
    const parameters = {
      ...mine,
      p_error: error,
      p_final: final,
      p_retry_after: retryAfter === null ? null : Math.ceil(retryAfter),
    }
    await callRpc(environment, 'fail_job', parameters, 'service')
  }
  return outcome.state
}

/**
 * Runs jobs that are due, a bounded number, and answers how many ended how. Called by pg_cron through pg_net, with the
 * service key alone. What it does not get to is there for the next call.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  if (readBearer(request, environment) !== 'service')
    return refuse(403, 'not_allowed', 'Jobs are run by the service alone.', 'Call this with the service key.')
  const worker = `run-jobs ${crypto.randomUUID()}`
  const counts = { done: 0, failed: 0, postponed: 0 }
  const due = await callRpc(environment, 'enqueue_due_jobs', {}, 'service')
  if (!due.ok) return refuseBecause(due)
  const begun = Date.now()
  for (let taken = 0; taken < AT_MOST && Date.now() - begun < BEGIN_WITHIN_MS; ) {
    const claimed = await callRpc<ClaimedJob[]>(
      environment,
      'claim_jobs',
      { p_worker: worker, p_kinds: Object.keys(jobKinds), p_limit: AT_ONCE, p_visibility: HELD_SECONDS },
      'service',
    )
    if (!claimed.ok) return refuseBecause(claimed)
    if (claimed.value.length === 0) break
    taken += claimed.value.length
    for (const state of await Promise.all(claimed.value.map((job) => settle(environment, worker, job))))
      counts[state] += 1
  }
  return respond({ success: true, ...counts })
}
