/** How a job of a kind is run. */
export type JobKind =
  /** A function of the database, called with the job's payload as its named parameters and the service's rights. */
  | { readonly rpc: string; readonly seconds?: number }
  /** An edge function, called with the job's payload as its body (and `job_id`, `last_attempt`) and the service's key. */
  | { readonly function: string; readonly seconds?: number }

/**
 * Every kind of job, for the worker's loop of the local cloud and for `run-jobs` alike. `seconds` is how long one may
 * take before another worker takes it over; 60 when left out.
 */
export const jobKinds: Readonly<Record<string, JobKind>> = {
  'people.sweep': { rpc: 'sweep_people_rows', seconds: 300 },
  'evidence.check': { function: 'check-evidence', seconds: 120 },
  'access_grant.sign': { function: 'sign-access-grant', seconds: 60 },
  'webhook.deliver': { function: 'send-webhook-notification', seconds: 30 },
  'mail.send': { function: 'send-support-email', seconds: 60 },
  'mail.purge': { rpc: 'purge_mails', seconds: 300 },
  'jobs.purge': { rpc: 'purge_finished_jobs', seconds: 300 },
  'webhook.purge_deliveries': { rpc: 'purge_webhook_deliveries', seconds: 300 },
  'statistics.refresh': { rpc: 'refresh_statistics', seconds: 300 },
  'findings.escalate': { rpc: 'escalate_overdue_findings', seconds: 120 },
  'reports.due': { rpc: 'enqueue_due_reports' },
  'report.run': { function: 'run-report', seconds: 120 },
  'ai.validate': { function: 'ai-validation', seconds: 60 },
  'scopes.digest': { rpc: 'digest_scopes', seconds: 300 },
  'feed.purge': { rpc: 'purge_feed_removals', seconds: 300 },
  'ai.purge': { rpc: 'purge_ai_answers' },
  'audit.maintain': { rpc: 'maintain_audit_log', seconds: 600 },
  'purchase.expire': { rpc: 'expire_purchases' },
  'purchase.refund': { function: 'verify-payment', seconds: 60 },
}
