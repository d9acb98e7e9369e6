import { randomUUID } from 'node:crypto'
import { type DescribeArea, endings, letIn } from './area.ts'

/** Verification bodies and the permissions of roles. */
export const access: DescribeArea = (world) => ({
  tables: {
    permissions: { label: `distinct 'permissions'`, rows: letIn(['permissions']) },
    role_permissions: { label: `distinct 'permissions of roles'`, rows: letIn(['permissions of roles']) },
  },
  functions: {
    my_permissions: { parameters: () => ({}), ends: endings('ok', { service: 'not_signed_in' }) },
    change_role_permission: {
      parameters: () => ({ p_role: 'admin', p_sub_role: null, p_permission: 'export.run', p_allowed: true }),
      ends: endings('not_allowed', { admin: 'ok', service: 'ok' }),
    },
    hand_batches_to_body: {
      parameters: () => ({ p_batches: [world.batches.pool], p_organization: null }),
      ends: endings('not_allowed', { admin: 'ok', service: 'ok' }),
    },
    save_organization: {
      parameters: () => ({ p_organization: randomUUID(), p_facts: { name: 'Nobody' } }),
      ends: endings('not_allowed', { admin: 'not_found', service: 'not_found' }),
    },
  },
  writableColumns: {},
})
