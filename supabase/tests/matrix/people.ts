import { randomUUID } from 'node:crypto'
import { type DescribeArea, deniedToAll, endings, letIn, readings, serviceOnly } from './area.ts'

/** The right to one's own data does not end with an account; that of another person takes one that is in force. */
const strangers = { pending: 'account_pending', suspended: 'account_suspended', service: 'not_signed_in' }
const allBatches = ['mine', 'pool', 'settled', 'theirs']
const both = ['auditor', 'recycler']

/** Limits, quotas, devices, attempts to sign in, and what a person should know of. */
export const people: DescribeArea = (world) => ({
  tables: {
    rate_limits: { label: `distinct 'limits'`, rows: letIn(['limits']) },
    quotas: {
      label: `coalesce((select o.name from public.organizations o where o.id = organization_id), 'all')`,
      rows: letIn(['all'], { recycler: ['Works', 'all'], admin: ['Works', 'all'] }),
    },
    column_sensitivity: { label: `distinct 'classes'`, rows: letIn(['classes']) },
    agent_keys: { label: 'name', rows: deniedToAll },
    evidence_checks: {
      label: '(select e.batch_id from public.evidence_files e where e.id = evidence_file_id)',
      rows: readings({
        recycler: ['mine', 'pool'],
        field_agent: ['mine'],
        desk_verifier: ['mine', 'pool'],
        auditor: ['pool', 'theirs'],
        compliance: allBatches,
        admin: allBatches,
        other_organization: ['pool'],
      }),
    },
    erasure_requests: {
      label: 'user_id',
      rows: readings({ recycler: ['recycler'], admin: ['recycler'] }),
    },
    device_rules: { label: `'rule'`, rows: readings({ recycler: ['rule'], admin: ['rule'] }) },
    security_events: {
      label: 'user_id',
      rows: readings({ recycler: ['recycler'], auditor: ['auditor'], admin: both, compliance: both }),
    },
    login_attempts: {
      label: 'user_id',
      rows: readings({ recycler: ['recycler'], auditor: ['auditor'], admin: both, compliance: both }),
    },
  },
  functions: {
    my_usage: { parameters: () => ({}), ends: endings('ok', { service: 'not_signed_in' }) },
    list_devices: {
      parameters: () => ({ p_user: world.people.auditor }),
      ends: endings('not_allowed', { auditor: 'ok', admin: 'ok', service: 'not_signed_in' }),
    },
    revoke_device: {
      parameters: () => ({ p_device: '00000000-0000-4000-8000-000000000000', p_reason: 'lost' }),
      ends: endings('not_found', { recycler: 'ok', admin: 'ok', service: 'not_signed_in' }),
    },
    set_device_rule: {
      parameters: () => ({ p_organization: world.organization, p_trust_required: false }),
      ends: endings('not_allowed', { admin: 'ok', service: 'not_signed_in' }),
    },
    trust_device: {
      parameters: () => ({ p_device: '00000000-0000-4000-8000-000000000000', p_user: world.people.recycler }),
      ends: endings('not_allowed', { admin: 'ok', service: 'not_signed_in' }),
    },
    create_agent_key: {
      parameters: () => ({ p_organization: world.organization, p_name: 'Program', p_scopes: ['export.batches'] }),
      ends: endings('not_allowed', { admin: 'ok', service: 'not_signed_in' }),
    },
    list_agent_keys: {
      parameters: () => ({}),
      ends: endings('not_allowed', { admin: 'ok', service: 'not_signed_in' }),
    },
    revoke_agent_key: {
      parameters: () => ({ p_id: world.agentKey, p_reason: 'not needed any more' }),
      ends: endings('not_allowed', { admin: 'ok', service: 'not_signed_in' }),
    },
    export_with_key: {
      parameters: () => ({ p_key: 'vdk_', p_dataset: 'batches' }),
      ends: serviceOnly('key_refused'),
    },
    sweep_people_rows: { parameters: () => ({}), ends: serviceOnly('ok') },
    count_export_call: { parameters: () => ({ p_address: '192.0.2.1' }), ends: serviceOnly('ok') },
    record_evidence_check: {
      parameters: () => ({
        p_evidence_file: randomUUID(),
        p_found_size: 1,
        p_found_sha256: null,
        p_found_type: null,
        p_type_matches: null,
      }),
      ends: serviceOnly('not_found'),
    },
    export_person_data: {
      parameters: () => ({ p_user: world.people.auditor }),
      ends: endings('not_allowed', { ...strangers, auditor: 'ok', admin: 'ok' }),
    },
    request_erasure: {
      parameters: () => ({ p_user: world.people.auditor }),
      ends: endings('not_allowed', { ...strangers, auditor: 'ok', admin: 'ok' }),
    },
    withdraw_erasure: {
      parameters: () => ({ p_user: world.people.auditor }),
      ends: endings('not_allowed', { ...strangers, service: 'not_signed_in', auditor: 'ok', admin: 'ok' }),
    },
    erase_person: {
      parameters: () => ({ p_user: world.people.buyer }),
      ends: endings('not_allowed', { admin: 'not_requested', service: 'not_signed_in' }),
    },
    login_gate: {
      parameters: () => ({ p_email: 'nobody@example.org', p_address: '192.0.2.1' }),
      ends: serviceOnly('ok'),
    },
    record_login_attempt: {
      parameters: () => ({ p_email: 'nobody@example.org', p_address: '192.0.2.1', p_valid: true }),
      ends: serviceOnly('ok'),
    },
    hook_password_verification_attempt: {
      parameters: () => ({ event: { user_id: randomUUID(), valid: true } }),
      ends: serviceOnly('ok'),
    },
  },
  writableColumns: {},
})
