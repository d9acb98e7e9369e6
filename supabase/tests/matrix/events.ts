import { randomUUID } from 'node:crypto'
import { type DescribeArea, endings, readings, serviceOnly } from './area.ts'

const nobody = () => randomUUID()
/** Whoever may set up webhooks finds that this one is not theirs; the others may not even look. */
const managing = endings('not_allowed', {
  recycler: 'not_found',
  buyer: 'not_found',
  admin: 'not_found',
  service: '42501',
})

/** Webhooks, what they were told, the queue behind them, and mail. */
export const events: DescribeArea = () => ({
  tables: {
    webhooks: { label: 'name', rows: readings({}) },
    webhook_deliveries: { label: 'event', rows: readings({}) },
  },
  functions: {
    create_webhook: {
      parameters: () => ({ p_name: 'Mine', p_url: 'https://example.org/events', p_events: ['batch.created'] }),
      ends: endings('not_allowed', { recycler: 'ok', buyer: 'ok', admin: 'ok', service: 'not_signed_in' }),
    },
    rotate_webhook_secret: {
      parameters: () => ({ p_webhook: nobody() }),
      ends: { ...managing, service: 'not_signed_in' },
    },
    delete_webhook: { parameters: () => ({ p_webhook: nobody() }), ends: { ...managing, service: 'not_signed_in' } },
    test_webhook: { parameters: () => ({ p_webhook: nobody() }), ends: { ...managing, service: 'not_signed_in' } },
    queue_webhook_notification: {
      parameters: () => ({ p_webhook: nobody(), p_event: 'batch.created', p_payload: {} }),
      ends: serviceOnly('not_found'),
    },
    begin_webhook_delivery: {
      parameters: () => ({ p_webhook: nobody(), p_event_id: nobody() }),
      ends: serviceOnly('ok'),
    },
    record_webhook_delivery: {
      parameters: () => ({
        p_webhook: nobody(),
        p_event_id: nobody(),
        p_payload: {},
        p_status: 200,
        p_body: '',
        p_milliseconds: 1,
        p_success: true,
      }),
      ends: serviceOnly('ok'),
    },
    purge_webhook_deliveries: { parameters: () => ({}), ends: serviceOnly('ok') },
    // An account is enough to write to support about oneself: whoever is turned away is who has to.
    request_support_email: {
      parameters: (self) => ({ p_user_id: self, p_subject: 'Help', p_message: 'Please' }),
      ends: endings('ok', { pending: 'ok', suspended: 'ok' }),
    },
    list_support_emails: { parameters: () => ({}), ends: endings('ok', { pending: 'ok', suspended: 'ok' }) },
    begin_mail: { parameters: () => ({ p_mail: nobody() }), ends: serviceOnly('ok') },
    record_mail: { parameters: () => ({ p_mail: nobody(), p_state: 'sent' }), ends: serviceOnly('ok') },
    purge_mails: { parameters: () => ({}), ends: serviceOnly('ok') },
    claim_jobs: { parameters: () => ({ p_worker: 'matrix', p_kinds: ['matrix.none'] }), ends: serviceOnly('ok') },
    finish_job: { parameters: () => ({ p_job: nobody(), p_worker: 'matrix' }), ends: serviceOnly('ok') },
    fail_job: { parameters: () => ({ p_job: nobody(), p_worker: 'matrix', p_error: 'x' }), ends: serviceOnly('ok') },
    postpone_job: {
      parameters: () => ({ p_job: nobody(), p_worker: 'matrix', p_reason: 'x', p_seconds: 1 }),
      ends: serviceOnly('ok'),
    },
    extend_job: {
      parameters: () => ({ p_job: nobody(), p_worker: 'matrix', p_visibility: 1 }),
      ends: serviceOnly('ok'),
    },
    enqueue_due_jobs: { parameters: () => ({}), ends: serviceOnly('ok') },
    purge_finished_jobs: { parameters: () => ({}), ends: serviceOnly('ok') },
    list_dead_jobs: { parameters: () => ({}), ends: endings('not_allowed', { admin: 'ok', service: 'ok' }) },
    retry_dead_job: {
      parameters: () => ({ p_job: nobody() }),
      ends: endings('not_allowed', { admin: 'ok', service: 'ok' }),
    },
  },
  writableColumns: {
    webhooks: {
      insert: ['events', 'id', 'is_active', 'name', 'secret', 'url', 'user_id'],
      update: ['events', 'is_active', 'name', 'secret', 'url'],
    },
  },
})
