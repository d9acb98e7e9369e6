import type { RubricId } from '../../shared/domain/ids.ts'
import type { Criterion, Rubric } from '../../shared/domain/rubric.ts'
import type { Standard } from '../../shared/domain/standard.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'

/** A mirrored rubric in the words of the domain. */
export const toRubric = (row: Row<'rubric'>): Rubric => ({
  id: row.id as RubricId,
  standard: row.standard as Standard,
  revision: row.revision,
  title: row.title,
  criteria: JSON.parse(row.criteria) as readonly Criterion[],
})

/** The rubric in force for each standard that has one: the highest published revision. */
export function readRubricsInForce(read: ReadHandle): ReadonlyMap<Standard, Rubric> {
  const rows = read.all(queryBuilder.selectFrom('rubric').selectAll().orderBy('revision'))
  return new Map(rows.map(toRubric).map((rubric) => [rubric.standard, rubric]))
}
