import { type AccessGrant, type Declaration, grantState } from '../../shared/domain/access-grant.ts'
import { type GrantFacts, grantGateNames } from '../../shared/domain/grant-gates.ts'
import type { Standard } from '../../shared/domain/standard.ts'

const grant = (subject: AccessGrant['subject'], validUntil: string, confirmed = true): AccessGrant => ({
  id: crypto.randomUUID(),
  subject,
  validFrom: '2026-01-12T00:00:00.000Z',
  validUntil,
  revokedAt: null,
  confirmed,
})

const declared = (recycler: string, declaration: Declaration, confirmed: boolean): AccessGrant =>
  grant(
    { kind: 'independence', declaration, aboutKind: 'recycler', aboutId: recycler, statement: '' },
    '2027-01-12T00:00:00.000Z',
    confirmed,
  )

/** The grants of the preview's person for its batch: all in force, or (`ended`) an accreditation that is over and nothing declared. */
export function previewGrants(
  batch: { readonly standard: Standard; readonly recyclerId: string; readonly projectId: string },
  ended: boolean,
  at: string,
): { readonly facts: () => Omit<GrantFacts, 'action'>; readonly declare: (declaration: Declaration) => void } {
  const { standard, recyclerId, projectId } = batch
  const grants = [
    grant(
      { kind: 'accreditation', standards: [standard], body: 'Sahel Accreditation Service', number: 'SAS-4471' },
      ended ? '2026-05-03T00:00:00.000Z' : '2028-01-12T00:00:00.000Z',
    ),
    grant(
      { kind: 'rotation', recyclerId, engagements: 250, counted: 41, countedAt: '2026-11-01T00:00:00.000Z' },
      '2030-02-01T00:00:00.000Z',
    ),
    ...(ended ? [] : [declared(recyclerId, 'none', true)]),
  ]
  return {
    facts: () => ({
      standard,
      at,
      about: { recycler: recyclerId, organization: null, project: projectId },
      rules: grantGateNames.map((gate) => ({
        standard,
        action: 'verify',
        gate,
        required: true,
        unconfirmed: gate === 'independence',
      })),
      grants: grants.filter((each) => grantState(each, at) !== 'revoked'),
      verifiedAt: [],
    }),
    declare: (declaration) => {
      grants.push(declared(recyclerId, declaration, false))
    },
  }
}
