import { type DescribeArea, endings, letIn, readings } from './area.ts'
import { actors } from './world.ts'

const people = actors.filter((actor) => actor !== 'anon' && actor !== 'service')

/** Accounts, the directory, grants, devices and the audit trail. */
export const accounts: DescribeArea = (world) => ({
  tables: {
    users: {
      label: 'id',
      rows: readings({
        ...Object.fromEntries(people.map((actor) => [actor, [actor]])),
        admin: [...people, 'other recycler'].sort(),
      }),
    },
    people: {
      label: 'id',
      rows: letIn([...people.filter((actor) => actor !== 'pending'), 'other recycler'].sort()),
    },
    organizations: { label: 'name', rows: letIn(['Other body', 'Works']) },
    user_grants: {
      label: 'user_id',
      rows: readings({ compliance: ['compliance', 'pending'], admin: ['compliance', 'pending'] }),
    },
    devices: {
      label: 'user_id',
      rows: readings({ recycler: ['recycler'], auditor: ['auditor'], admin: ['auditor', 'recycler'] }),
    },
    audit_logs: { label: `distinct 'entries'`, rows: readings({ compliance: ['entries'], admin: ['entries'] }) },
  },
  functions: {
    record_user_login: {
      parameters: (self) => ({ user_id: self }),
      ends: endings('ok', { pending: 'ok', suspended: 'ok', service: 'not_allowed' }),
    },
    change_person: {
      parameters: () => ({ p_user: world.people.buyer, p_changes: { sub_role: null } }),
      ends: endings('not_allowed', { admin: 'ok', service: 'not_signed_in' }),
    },
  },
  writableColumns: {
    users: {
      insert: [],
      update: 'compliance_certifications kyb_document_urls license_number mobile name organization_name'.split(' '),
    },
  },
})
