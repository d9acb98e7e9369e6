import { randomUUID } from 'node:crypto'
import { type DescribeArea, deniedToAll, endings, letIn } from './area.ts'

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
    sync_applied: { parameters: () => ({ p_mutations: [] }), ends: endings('ok', { service: 'not_signed_in' }) },
    sync_digest: { parameters: () => ({ p_scope: 'reference' }), ends: endings('ok', { service: 'not_signed_in' }) },
    sync_push: { parameters: () => ({ p_mutations: [] }), ends: endings('ok', { service: 'not_signed_in' }) },
  },
  writableColumns: {},
})
