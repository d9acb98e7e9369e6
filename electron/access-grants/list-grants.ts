import type { AccessGrantView } from '../../shared/contract/views.ts'
import { type AccessGrant, grantState } from '../../shared/domain/access-grant.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { readLocalDeclarations, readMirroredGrants } from './read-grants.ts'
import { trustedNow } from './trusted-now.ts'

const order = ['conflict', 'in_force', 'unconfirmed', 'not_begun', 'ended', 'revoked', 'unbelieved'] as const

/** The person's own grants, those in force first. One whose signature does not hold is listed and counts for nothing. */
export function listGrants(context: CaseContext): Result<readonly AccessGrantView[]> {
  const { read } = context.database
  return reading(() => {
    const at = trustedNow(read, context)
    const names = namesOf(read)
    const mirrored = readMirroredGrants(read, context.person.id).map(({ row, grant }) =>
      grant === null ? unbelieved(row) : toView(grant, at, names, row.revocation_reason),
    )
    const here = readLocalDeclarations(read, context.clockOffsetMilliseconds).map(({ grant }) =>
      toView(grant, at, names, null),
    )
    return [...here, ...mirrored].sort(
      (left, right) =>
        order.indexOf(left.state) - order.indexOf(right.state) ||
        left.kind.localeCompare(right.kind) ||
        left.title.localeCompare(right.title),
    )
  })
}

const unbelieved = (row: Row<'access_grant'>): AccessGrantView => ({
  id: row.id,
  kind: row.kind as AccessGrantView['kind'],
  title: 'Cannot be verified',
  detail: 'Its signature does not hold, so it counts for nothing here.',
  validFrom: null,
  validUntil: null,
  state: 'unbelieved',
  revocationReason: row.revocation_reason,
})

function stateOf(grant: AccessGrant, at: Instant): AccessGrantView['state'] {
  const state = grantState(grant, at)
  if (state !== 'in_force') return state
  if (grant.subject.kind === 'independence' && grant.subject.declaration === 'conflict') return 'conflict'
  return grant.confirmed ? 'in_force' : 'unconfirmed'
}

function toView(
  grant: AccessGrant,
  at: Instant,
  names: ReadonlyMap<string, string>,
  revocationReason: string | null,
): AccessGrantView {
  const { id, subject, validFrom, validUntil } = grant
  const common = { id, kind: subject.kind, validFrom, validUntil, state: stateOf(grant, at), revocationReason }
  switch (subject.kind) {
    case 'accreditation':
      return { ...common, title: subject.standards.join(', '), detail: `${subject.body}, ${subject.number}` }
    case 'independence':
      return {
        ...common,
        title: names.get(subject.aboutId) ?? 'Not mirrored here',
        detail: subject.declaration === 'none' ? 'No conflict of interest' : 'Conflict of interest declared',
      }
    case 'rotation':
      return {
        ...common,
        title: names.get(subject.recyclerId) ?? 'Not mirrored here',
        detail: `${subject.counted} of ${subject.engagements} verifications when it was counted`,
      }
  }
}

function namesOf(read: ReadHandle): ReadonlyMap<string, string> {
  const rows = [
    ...read.all(
      queryBuilder
        .selectFrom('person')
        .select(({ fn }) => ['id', fn.coalesce('organization_name', 'name').as('name')])
        .where('role', '=', 'recycler'),
    ),
    ...read.all(queryBuilder.selectFrom('organization').select(['id', 'name'])),
    ...read.all(queryBuilder.selectFrom('project').select(['id', 'name'])),
  ]
  return new Map(rows.map(({ id, name }) => [id, name]))
}
