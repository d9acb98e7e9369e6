import type { Instant } from './ids.ts'
import type { Standard } from './standard.ts'

/** What a grant is about: a standard, a declaration of interests, or how long one may work for the same recycler. */
export const accessGrantKinds = ['accreditation', 'independence', 'rotation'] as const
export type AccessGrantKind = (typeof accessGrantKinds)[number]

/** What a person says of their interests. `conflict` blocks until an administrator has looked at it. */
export const declarations = ['none', 'conflict'] as const
export type Declaration = (typeof declarations)[number]

/** What a declaration can be about. */
export const declarationSubjects = ['recycler', 'organization', 'project'] as const
export type DeclarationSubject = (typeof declarationSubjects)[number]

/** What a grant says, by its kind. */
export type AccessGrantSubject =
  | {
      readonly kind: 'accreditation'
      readonly standards: readonly Standard[]
      /** The accreditation body, and the number of the accreditation there. */
      readonly body: string
      readonly number: string
    }
  | {
      readonly kind: 'independence'
      readonly declaration: Declaration
      readonly aboutKind: DeclarationSubject
      readonly aboutId: string
      readonly statement: string
    }
  | {
      readonly kind: 'rotation'
      readonly recyclerId: string
      /** Verifications allowed in all, and how many the cloud had counted at `countedAt`. */
      readonly engagements: number
      readonly counted: number
      readonly countedAt: Instant
    }

/** A grant in the terms of the gates. Its period runs from `validFrom` up to, and without, `validUntil`. */
export interface AccessGrant {
  readonly id: string
  readonly subject: AccessGrantSubject
  readonly validFrom: Instant
  readonly validUntil: Instant
  readonly revokedAt: Instant | null
  /** True once the registry has signed it and the signature holds; false for a declaration that was only made here. */
  readonly confirmed: boolean
}

/** Whether a grant is in force at an instant, and why not. */
export type GrantState = 'in_force' | 'not_begun' | 'ended' | 'revoked'

/** Whether a grant is in force at an instant. What was revoked was never in force, whenever that is asked. */
export function grantState(
  grant: Pick<AccessGrant, 'validFrom' | 'validUntil' | 'revokedAt'>,
  at: Instant,
): GrantState {
  if (grant.revokedAt !== null) return 'revoked'
  const instant = Date.parse(at)
  if (instant >= Date.parse(grant.validUntil)) return 'ended'
  return instant < Date.parse(grant.validFrom) ? 'not_begun' : 'in_force'
}
