import type { RequestOf } from '../../shared/contract/channels.ts'
import type { ChangeComparison } from '../../shared/contract/outbox-views.ts'
import type { OutboxItem } from '../../shared/domain/sync-state.ts'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import type { MutationDto, PushResult } from '../../shared/wire/sync.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { parkedStates } from './change-states.ts'
import { readCloudSide, type Side } from './cloud-side.ts'
import { findOutboxItem } from './list-outbox.ts'
import { mySide } from './my-side.ts'
import { whyNotReopened } from './reopen-changes.ts'
import { findNewBase } from './send-again.ts'

/** One change beside the common base and the cloud's row, with what can be done about it. Errors: `not_found`. */
export function compareChange(
  context: CaseContext,
  { mutationId }: RequestOf<'outbox.compare'>,
): Result<ChangeComparison> {
  const { read } = context.database
  const found = reading(() => {
    const change = read.first(queryBuilder.selectFrom('outbox').selectAll().where('mutation_id', '=', mutationId))
    const item = findOutboxItem(read, mutationId)
    return change === undefined || item === undefined ? null : compare(read, context, change, item)
  })
  if (!found.ok) return found
  return found.value === null ? fail('not_found', 'There is no such change.') : ok(found.value)
}

function compare(read: ReadHandle, context: CaseContext, change: Row<'outbox'>, item: OutboxItem): ChangeComparison {
  const body = JSON.parse(change.body) as MutationDto
  const base = item.base
  const theirs = newestSide(
    answeredSide(change),
    readCloudSide(
      read,
      { kind: item.kind, rowId: body.row_id, batchId: body.batch_id, payload: body.payload },
      context.person.id,
    ),
  )
  const mine = mySide(body, base, context.person.id)
  return {
    item,
    base,
    mine,
    theirs,
    names: readNames(read, context, [base, mine, theirs]),
    personId: context.person.id,
    contentChanged:
      body.content_hash !== null &&
      typeof theirs?.content_hash === 'string' &&
      theirs.content_hash !== body.content_hash,
    notKept: parkedStates.some((state) => state === item.state) ? failureOf(findNewBase(read, context, change)) : null,
    notReopened: item.state === 'superseded' ? whyNotReopened(read, change) : null,
    replaces: change.replaces,
    replacedBy: findReplacement(read, change.mutation_id),
  }
}

const failureOf = (result: Result<unknown>): AppError | null => (result.ok ? null : result.error)

/** The row that the cloud answered a conflict with; null where it named none. */
function answeredSide({ result }: Row<'outbox'>): Side | null {
  const answer = result === null ? null : (JSON.parse(result) as PushResult)
  return answer?.status === 'conflict' ? (answer.rows[0]?.row ?? null) : null
}

const versionOf = ({ version }: Side): number => (typeof version === 'number' ? version : 0)

/**
 * What the mirror holds, unless the cloud answered with a newer row. A row that the mirror has let go of since is not this person's
 * any more: the answer is then the last that was seen of it.
 */
const newestSide = (answered: Side | null, mirrored: Side | null): Side | null =>
  mirrored === null || (answered !== null && versionOf(answered) > versionOf(mirrored)) ? answered : mirrored

function readNames(
  read: ReadHandle,
  { person }: CaseContext,
  sides: readonly (Side | null)[],
): Readonly<Record<string, string>> {
  const ids = sides.flatMap((side) => [side?.actor_id, side?.verified_by]).filter((id) => typeof id === 'string')
  const rows = read.all(
    queryBuilder
      .selectFrom('person')
      .select(['id', 'name'])
      .where('id', 'in', listOf([...new Set(ids)])),
  )
  return { ...Object.fromEntries(rows.map(({ id, name }) => [id, name])), [person.id]: person.name }
}

const findReplacement = (read: ReadHandle, mutationId: string): string | null =>
  read.first(queryBuilder.selectFrom('outbox').select('mutation_id').where('replaces', '=', mutationId))?.mutation_id ??
  null
