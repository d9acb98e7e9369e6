import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { assertNever } from '../../shared/assert-never.ts'
import type { BatchFilter, BatchIdList, BatchSort } from '../../shared/contract/views.ts'
import type { PersonId } from '../../shared/domain/ids.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { liveStates } from '../outbox/change-states.ts'
import { searchQuery } from './search-index.ts'

/**
 * A frozen snapshot of the queue: row numbers of all matching batches in order, equal ones by row number. Statuses are those with the
 * local decisions on top.
 */
export function findBatchIds(
  context: CaseContext,
  { filter, sort }: { readonly filter: BatchFilter; readonly sort: BatchSort },
): Result<BatchIdList> {
  const { read } = context.database
  const takenAt = context.clock.now()
  const found = reading(() => {
    const conditions = [
      ...textConditions(filter.text),
      ...assignmentConditions(read, context.person.id, filter.assignment),
      ...statusConditions(read, filter),
    ]
    const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`
    const { joins, order } = orderOf(sort, context.person.id)
    const query = sql<{ row: number }>`select batch.row from batch ${joins} ${where} order by ${order}`
    return read.column(query.compile(queryBuilder))
  })
  return found.ok ? ok({ rows: Uint32Array.from(found.value), takenAt }) : found
}

type Condition = RawBuilder<SqlBool>

function textConditions(text: string): readonly Condition[] {
  if (text.trim() === '') return []
  const query = searchQuery(text)
  return query === null
    ? [sql<SqlBool>`false`]
    : [sql<SqlBool>`batch.row in (select rowid from batch_search where batch_search match ${query})`]
}

const live = sql`(${sql.join(liveStates.map((state) => sql.lit(state)))})`

/** Batches that the person works on, by live assignment or by a claim that is on its way. */
const assignedIds = (personId: PersonId) => sql`(
  select batch_id from assignment where user_id = ${personId} and ended_at is null
  union all
  select pending_row.batch_id from pending_row join outbox using (mutation_id)
  where pending_row.table_name = 'assignment' and outbox.state in ${live})`

/** From so many assigned batches on, walking the queue's index beats looking each one up. */
const manyAssigned = 5000

/** What the assignment part of a filter means. */
export function assignmentConditions(
  read: ReadHandle,
  personId: PersonId,
  assignment: BatchFilter['assignment'],
): readonly Condition[] {
  switch (assignment) {
    case 'all':
      return []
    case 'pool':
      return [
        sql<SqlBool>`batch.status = 'pending'`,
        sql<SqlBool>`not exists (select 1 from assignment where assignment.batch_id = batch.id and ended_at is null)`,
        sql<SqlBool>`batch.id not in (select batch_id from batch_overlay where status is not null)`,
      ]
    case 'assigned': {
      const counted = read.first(
        queryBuilder
          .selectFrom('assignment')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('user_id', '=', personId)
          .where('ended_at', 'is', null),
      )
      // The plus keeps SQLite from starting at the list.
      return (counted?.count ?? 0) > manyAssigned
        ? [sql<SqlBool>`+batch.id in ${assignedIds(personId)}`]
        : [sql<SqlBool>`batch.id in ${assignedIds(personId)}`]
    }
    default:
      return assertNever(assignment)
  }
}

const literals = (texts: readonly string[]) => sql`(${sql.join(texts)})`

function statusConditions(read: ReadHandle, filter: BatchFilter): readonly Condition[] {
  const conditions: Condition[] = []
  if (filter.standards.length > 0) conditions.push(sql<SqlBool>`batch.standard in ${literals(filter.standards)}`)
  if (filter.unsentOnly) {
    conditions.push(sql<SqlBool>`batch.id in (select batch_id from batch_overlay where mark is not null)`)
  }
  if (filter.statuses.length > 0) {
    const mirrored = sql<SqlBool>`batch.status in ${literals(filter.statuses)}`
    const overlaid = sql`(select batch_id from batch_overlay where status is not null)`
    conditions.push(
      hasLocalStatus(read)
        ? sql<SqlBool>`case when batch.id in ${overlaid}
            then (select status from batch_overlay where batch_id = batch.id) in ${literals(filter.statuses)}
            else ${mirrored} end`
        : mirrored,
    )
  }
  return conditions
}

const hasLocalStatus = (read: ReadHandle): boolean =>
  read.first(queryBuilder.selectFrom('batch_overlay').select('batch_id').where('status', 'is not', null).limit(1)) !==
  undefined

interface Order {
  readonly joins: RawBuilder<unknown>
  readonly order: RawBuilder<unknown>
}

function orderOf({ by, direction }: BatchSort, personId: PersonId): Order {
  const way = direction === 'ascending' ? sql`asc` : sql`desc`
  const none = sql``
  const column = (name: RawBuilder<unknown>, joins = none): Order => ({
    joins,
    order: sql`${name} ${way}, batch.row`,
  })
  switch (by) {
    case 'risk':
      return column(sql`batch.risk_score`)
    case 'submitted':
      return column(sql`batch.date_submitted`)
    case 'quantity':
      return column(sql`batch.quantity`)
    case 'batch_hash':
      return column(sql`batch.batch_hash`)
    case 'project':
      return column(sql`project.name`, sql`left join project on project.id = batch.project_id`)
    case 'status':
      return column(
        sql`coalesce(batch_overlay.status, batch.status)`,
        sql`left join batch_overlay on batch_overlay.batch_id = batch.id`,
      )
    case 'due':
      // Without a date: last, whichever way.
      return {
        joins: sql`left join (select batch_id, min(due_at) as due_at from assignment
          where user_id = ${personId} and ended_at is null group by batch_id) as mine on mine.batch_id = batch.id`,
        order: sql`mine.due_at is null, mine.due_at ${way}, batch.row`,
      }
    default:
      return assertNever(by)
  }
}
