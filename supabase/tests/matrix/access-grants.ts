import { randomUUID } from 'node:crypto'
import { type DescribeArea, endings, letIn, readings, serviceOnly } from './area.ts'

const issued = {
  p_kind: 'accreditation',
  p_subject: { standards: ['APRS'], body: 'Accreditation Service', number: 'AS-1' },
  p_valid_from: '2020-01-01Z',
  p_valid_until: '2100-01-01Z',
}

/** Grants with their keys and rules. The world's auditor has the limit that an assignment brings. */
export const accessGrants: DescribeArea = (world) => ({
  tables: {
    access_grants: {
      label: `user_id`,
      rows: readings({ auditor: ['auditor'], compliance: ['auditor'], admin: ['auditor'] }),
    },
    grant_keys: { label: 'key_id', rows: letIn([]) },
    gate_rules: { label: 'distinct standard', rows: letIn(['ACCCS', 'AEMAS', 'AMCAVS', 'APRS', 'ARCS', 'PCX']) },
  },
  functions: {
    issue_access_grant: {
      parameters: () => ({ ...issued, p_user: world.people.desk_verifier }),
      ends: endings('not_allowed', { admin: 'ok', service: 'not_signed_in' }),
    },
    revoke_access_grant: {
      parameters: () => ({ p_grant: randomUUID(), p_reason: 'x' }),
      ends: endings('not_allowed', { admin: 'invalid_request', service: 'not_signed_in' }),
    },
    declare_independence: {
      parameters: () => ({
        p_about_kind: 'recycler',
        p_about_id: world.people.recycler,
        p_declaration: 'none',
        p_statement: '',
      }),
      ends: endings('ok', {
        recycler: 'not_allowed',
        buyer: 'not_allowed',
        admin: 'not_allowed',
        service: 'not_signed_in',
      }),
    },
    change_gate_rule: {
      parameters: () => ({ p_standard: 'PCX', p_action: 'approve', p_gate: 'accreditation', p_required: false }),
      ends: endings('not_allowed', { admin: 'ok', service: 'ok' }),
    },
    unsigned_access_grants: { parameters: () => ({ p_limit: 1 }), ends: serviceOnly('ok') },
    store_access_grant_signature: {
      parameters: () => ({ p_grant: randomUUID(), p_body: '', p_key_id: '0123456789abcdef', p_signature: '' }),
      ends: serviceOnly('unknown_key'),
    },
  },
  writableColumns: {},
})
