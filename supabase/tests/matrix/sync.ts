import { randomUUID } from 'node:crypto'
import { type DescribeArea, deniedToAll, endings, letIn, readings, serviceOnly } from './area.ts'

/** The feed, the ledger of changes and the functions of the protocol. */
export const sync: DescribeArea = () => ({
  tables: {
    sync_feed: {
      label: `distinct case when scope like 'person:%' then 'person' else scope end`,
      rows: letIn(['reference'], {
        field_agent: ['person', 'reference'],
        desk_verifier: ['person', 'pool', 'reference'],
        auditor: ['person', 'pool', 'reference'],
        other_organization: ['pool', 'reference'],
        compliance: ['reference', 'register'],
        admin: ['reference', 'register'],
      }),
    },
    sync_mutations: { label: 'mutation_id', rows: deniedToAll },
    server_state: { label: 'server_epoch', rows: deniedToAll },
    // The world's one is the auditor's, brought by compliance.
    outbox_handovers: {
      label: 'user_id',
      rows: readings({ auditor: ['auditor'], compliance: ['auditor'] }),
    },
  },
  functions: {
    workstation_handshake: {
      parameters: () => ({ p_request: { protocol_version: 1, schema_version: 1, device_id: randomUUID() } }),
      ends: endings('ok', { service: 'not_signed_in' }),
    },
    sync_bootstrap: {
      parameters: () => ({ p_scope: 'register', p_table: 'batches', p_after: null, p_limit: 10 }),
      ends: endings('scope_not_held', { service: 'not_signed_in', compliance: 'ok', admin: 'ok' }),
    },
    sync_pull: {
      parameters: () => ({ p_scope: 'pool', p_cursor: '1:1:', p_upto: null, p_after: null, p_limit: 10 }),
      ends: endings('scope_not_held', {
        service: 'not_signed_in',
        desk_verifier: 'ok',
        auditor: 'ok',
        other_organization: 'ok',
      }),
    },
    // Nobody was greeted in this session: the answer is that a handshake is due.
    sync_poll: {
      parameters: () => ({ p_fingerprint: '', p_cursors: {}, p_limit: 10 }),
      ends: endings('ok', { service: 'not_signed_in' }),
    },
    sync_applied: { parameters: () => ({ p_mutations: [] }), ends: endings('ok', { service: 'not_signed_in' }) },
    sync_digest: { parameters: () => ({ p_scope: 'reference' }), ends: endings('ok', { service: 'not_signed_in' }) },
    sync_check: {
      parameters: () => ({ p_scope: 'reference', p_cursor: '1:1:', p_except: [] }),
      ends: endings('ok', { service: 'not_signed_in' }),
    },
    sync_push: { parameters: () => ({ p_mutations: [] }), ends: endings('ok', { service: 'not_signed_in' }) },
    // Of another person, with a key that nobody registered.
    outbox_terms: {
      parameters: () => ({ p_person: randomUUID(), p_device: randomUUID(), p_public_key: 'x' }),
      ends: endings('not_allowed', { compliance: 'unknown_key', service: 'not_signed_in' }),
    },
    open_outbox_handover: {
      parameters: (self) => ({
        p_submitter: self,
        p_key: randomUUID(),
        p_server_epoch: randomUUID(),
        p_fingerprint: 'a'.repeat(64),
        p_made_at: '2026-11-20T00:00:00Z',
        p_clock_offset_ms: 0,
        p_change_count: 0,
        p_from: 0,
      }),
      ends: serviceOnly('not_found'),
    },
    apply_outbox_handover: {
      parameters: () => ({ p_handover: randomUUID(), p_changes: [] }),
      ends: serviceOnly('not_found'),
    },
    note_refused_outbox: {
      parameters: () => ({ p_submitter: null, p_person: null, p_device: null, p_reason: 'wrong_signature' }),
      ends: serviceOnly('ok'),
    },
  },
  writableColumns: {},
})
