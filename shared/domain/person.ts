import type { OrganizationId, PersonId } from './ids.ts'

/** `users.role` of the cloud schema. */
export const roles = ['recycler', 'buyer', 'verifier', 'admin'] as const
export type Role = (typeof roles)[number]

/** `users.sub_role` of the cloud schema: what kind of verifier a verifier is. */
export const subRoles = ['field_agent', 'desk_verifier', 'accredited_auditor'] as const
export type SubRole = (typeof subRoles)[number]

/** Powers given beside the role. `compliance` opens the audit trail and every report, and decides nothing. */
export const grants = ['compliance'] as const
export type Grant = (typeof grants)[number]

/** The person who is signed in. */
export interface Person {
  readonly id: PersonId
  readonly name: string
  readonly email: string
  readonly role: Role
  readonly subRole: SubRole | null
  readonly grants: readonly Grant[]
  readonly organizationId: OrganizationId | null
  readonly organizationName: string | null
}

/** True for whoever reads the whole register and works on no batch: administrators and holders of the compliance grant. */
export const seesWholeRegister = (person: Pick<Person, 'role' | 'grants'>): boolean =>
  person.role === 'admin' || person.grants.includes('compliance')
