import { z } from 'zod'
import type { Criterion } from '../../../shared/domain/rubric.ts'
import { criterionDto } from '../../../shared/wire/rows.ts'
import { type ColumnReader, FieldRefused } from './column-readers.ts'

const rubricBody = z.object({ criteria: z.array(criterionDto) })

/** The body of a rubric, stored as JSON of the program's own `Criterion[]`. A few rows in all, so the schema library may check them. */
export const readCriteria: ColumnReader = (value) => {
  const parsed = rubricBody.safeParse(value)
  if (!parsed.success) throw new FieldRefused('not the criteria of a rubric')
  const criteria: readonly Criterion[] = parsed.data.criteria.map((criterion) => ({
    code: criterion.code,
    group: criterion.group,
    question: criterion.question,
    guidance: criterion.guidance,
    weight: criterion.weight,
    anchors: criterion.anchors,
    requiredEvidence: criterion.required_evidence,
    knockOut: criterion.knock_out,
    notApplicable: criterion.not_applicable,
  }))
  return JSON.stringify(criteria)
}
