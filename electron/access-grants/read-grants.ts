import type { AccessGrant } from '../../shared/domain/access-grant.ts'
import type { GateRule } from '../../shared/domain/grant-gates.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { type MutationDto, mutationPayloads } from '../../shared/wire/sync.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { liveStates } from '../outbox/change-states.ts'
import { laterThan } from '../platform/clock.ts'
import { believeGrant } from './verify-grant.ts'

const oneYear = 365 * 86_400_000

/** The mirrored rows of a person's own grants, and the grants that they are where they can be believed. */
export function readMirroredGrants(
  read: ReadHandle,
  personId: string,
): readonly { readonly row: Row<'access_grant'>; readonly grant: AccessGrant | null }[] {
  const rows = read.all(queryBuilder.selectFrom('access_grant').selectAll().where('user_id', '=', personId))
  if (rows.length === 0) return []
  const keys = new Map(
    read.all(queryBuilder.selectFrom('grant_key').selectAll()).map((key) => [key.key_id, key] as const),
  )
  return rows.map((row) => ({ row, grant: believeGrant(row, keys) }))
}

/** A declaration made here that the cloud has not sent back signed. */
export interface LocalDeclaration {
  readonly grant: AccessGrant
  /** Who made it is the person of the outbox; the newest for a recycler is the one that counts. */
  readonly recyclerId: string
}

/** The newest declaration about each recycler that was made here and is on its way, or has arrived and is not signed yet. */
export function readLocalDeclarations(
  read: ReadHandle,
  clockOffsetMilliseconds: number | null,
): readonly LocalDeclaration[] {
  const rows = read.all(
    queryBuilder
      .selectFrom('outbox')
      .innerJoin('batch', 'batch.id', 'outbox.batch_id')
      .select(['outbox.body', 'batch.user_id'])
      .where('outbox.kind', '=', 'independence.declare')
      .where('outbox.state', 'in', [...liveStates, 'applied'])
      .where('outbox.row_id', 'not in', queryBuilder.selectFrom('access_grant').select('access_grant.id'))
      .orderBy('outbox.sequence'),
  )
  const newest = new Map<string, LocalDeclaration>()
  for (const { body, user_id } of rows) {
    const made = JSON.parse(body) as MutationDto
    const { declaration, statement } = mutationPayloads['independence.declare'].parse(made.payload)
    const validFrom = laterThan(made.occurred_at, made.clock_offset_ms ?? clockOffsetMilliseconds ?? 0)
    newest.set(user_id, {
      recyclerId: user_id,
      grant: {
        id: made.row_id,
        subject: { kind: 'independence', declaration, aboutKind: 'recycler', aboutId: user_id, statement },
        validFrom,
        validUntil: laterThan(validFrom, oneYear),
        revokedAt: null,
        confirmed: false,
      },
    })
  }
  return [...newest.values()]
}

/** The registry's rules; none while the cloud has sent none. */
export const readGateRules = (read: ReadHandle): readonly GateRule[] =>
  read.all(queryBuilder.selectFrom('gate_rule').selectAll()).map((row) => ({
    standard: row.standard as GateRule['standard'],
    action: row.action as GateRule['action'],
    gate: row.gate as GateRule['gate'],
    required: row.required === 1,
    unconfirmed: row.unconfirmed === 1,
  }))

/**
 * When the person verified for each recycler, as far as the mirror knows; what is still here counts as of `now`. The cloud may have
 * counted more, for batches that left this computer.
 */
export function readVerifications(
  read: ReadHandle,
  person: Pick<Person, 'id'>,
  now: Instant,
): ReadonlyMap<string, readonly Instant[]> {
  const mirrored = read.all(
    queryBuilder
      .selectFrom('decision')
      .innerJoin('batch', 'batch.id', 'decision.batch_id')
      .select(['batch.user_id', 'decision.received_at as at'])
      .where('decision.actor_id', '=', person.id)
      .where('decision.action', '=', 'verify'),
  )
  const pending = read.all(
    queryBuilder
      .selectFrom('outbox')
      .innerJoin('batch', 'batch.id', 'outbox.batch_id')
      .select('batch.user_id')
      .where('outbox.kind', '=', 'decision.record')
      .where('outbox.state', 'in', liveStates)
      .where('outbox.body', 'like', '%"action":"verify"%'),
  )
  const byRecycler = new Map<string, Instant[]>()
  for (const { user_id, at } of [...mirrored, ...pending.map(({ user_id }) => ({ user_id, at: now }))])
    byRecycler.set(user_id, [...(byRecycler.get(user_id) ?? []), at])
  return byRecycler
}
