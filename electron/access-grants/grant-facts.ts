import type { AccessGrant } from '../../shared/domain/access-grant.ts'
import type { GateRule, GrantFacts } from '../../shared/domain/grant-gates.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { Standard } from '../../shared/domain/standard.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { ReadHandle } from '../database/handles.ts'
import { readGateRules, readLocalDeclarations, readMirroredGrants, readVerifications } from './read-grants.ts'
import { trustedNow } from './trusted-now.ts'

/** What a person may do by their grants, read once for any number of batches. */
export interface PersonGrants {
  readonly at: Instant
  readonly rules: readonly GateRule[]
  readonly grants: readonly AccessGrant[]
  readonly verifications: ReadonlyMap<string, readonly Instant[]>
}

/** Who and what a batch is, for the gates of grants. */
export interface GrantedBatch {
  readonly standard: Standard
  readonly recyclerId: string
  readonly organizationId: string | null
  readonly projectId: string
}

/** Reads a person's grants with the declarations that were made here, the rules, and what counts for rotation. */
export function readPersonGrants(
  read: ReadHandle,
  context: Pick<CaseContext, 'clock' | 'clockOffsetMilliseconds'> & { readonly person: Pick<Person, 'id'> },
): PersonGrants {
  const at = trustedNow(read, context)
  const mirrored = readMirroredGrants(read, context.person.id).flatMap(({ grant }) => (grant === null ? [] : [grant]))
  const declared = readLocalDeclarations(read, context.clockOffsetMilliseconds).map(({ grant }) => grant)
  const rotates = mirrored.some(({ subject }) => subject.kind === 'rotation')
  return {
    at,
    rules: readGateRules(read),
    grants: [...mirrored, ...declared],
    verifications: rotates ? readVerifications(read, context.person, at) : new Map(),
  }
}

/** What the gates of grants look at for one batch. */
export const grantFactsOf = (granted: PersonGrants, batch: GrantedBatch): Omit<GrantFacts, 'action'> => ({
  standard: batch.standard,
  at: granted.at,
  about: { recycler: batch.recyclerId, organization: batch.organizationId, project: batch.projectId },
  rules: granted.rules,
  grants: granted.grants,
  verifiedAt: granted.verifications.get(batch.recyclerId) ?? [],
})
