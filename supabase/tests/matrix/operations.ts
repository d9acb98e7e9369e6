import { randomUUID } from 'node:crypto'
import { type DescribeArea, endings, readings, serviceOnly } from './area.ts'

const nobody = () => randomUUID()

/** Statistics, health, overdue findings, reports, validation of batches, and the jobs behind them. */
export const operations: DescribeArea = () => ({
  tables: {
    // The world's one is about the batch `mine`, told to its recycler.
    escalations: {
      label: 'recipient_id',
      rows: readings({
        recycler: ['recycler'],
        field_agent: ['recycler'],
        desk_verifier: ['recycler'],
        compliance: ['recycler'],
        admin: ['recycler'],
      }),
    },
    report_subscriptions: {
      label: 'distinct user_id',
      rows: readings({ auditor: ['auditor'], admin: ['auditor'] }),
    },
    report_runs: { label: 'user_id', rows: readings({ auditor: ['auditor'], admin: ['auditor'] }) },
  },
  functions: {
    health: { parameters: () => ({}), ends: endings('ok') },
    dashboard_statistics: {
      parameters: () => ({}),
      ends: endings('not_allowed', { compliance: 'ok', admin: 'ok', service: 'ok' }),
    },
    refresh_statistics: { parameters: () => ({}), ends: serviceOnly('ok') },
    escalate_overdue_findings: { parameters: () => ({}), ends: serviceOnly('ok') },
    digest_scopes: { parameters: () => ({}), ends: serviceOnly('ok') },
    purge_feed_removals: { parameters: () => ({}), ends: serviceOnly('ok') },
    purge_ai_answers: { parameters: () => ({}), ends: serviceOnly('ok') },
    // What these two make would be another row to read.
    subscribe_to_report: {
      parameters: () => ({ p_kind: 'everything', p_schedule: 'daily' }),
      ends: endings('invalid_request', { service: 'not_signed_in' }),
    },
    end_report_subscription: {
      parameters: () => ({ p_subscription: nobody() }),
      ends: endings('not_found', { service: 'not_signed_in' }),
    },
    enqueue_due_reports: { parameters: () => ({}), ends: serviceOnly('ok') },
    make_report: { parameters: () => ({ p_run: nobody() }), ends: serviceOnly('not_found') },
    finish_report: {
      parameters: () => ({ p_run: nobody(), p_object_path: 'x', p_row_count: 0, p_sha256: 'x', p_byte_size: 0 }),
      ends: serviceOnly('ok'),
    },
    ai_validation_facts: { parameters: () => ({ p_facts: {} }), ends: endings('ok') },
    request_ai_validation: {
      parameters: () => ({ p_batch: nobody() }),
      ends: endings('not_found', { service: 'not_signed_in' }),
    },
    ai_validation_batch: { parameters: () => ({ p_batch: nobody() }), ends: serviceOnly('ok') },
    store_ai_validation: { parameters: () => ({ p_batch: nobody(), p_result: {} }), ends: serviceOnly('ok') },
    find_ai_answer: { parameters: () => ({ p_content_hash: 'x' }), ends: serviceOnly('ok') },
    keep_ai_answer: {
      parameters: () => ({ p_content_hash: 'a'.repeat(64), p_model: 'x', p_answer: {} }),
      ends: serviceOnly('ok'),
    },
  },
  writableColumns: {},
})
