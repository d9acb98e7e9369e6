import type { z } from 'zod'
import type { Criterion } from '../../../shared/domain/rubric.ts'
import type { rubricDto } from '../../../shared/wire/rows.ts'

/** What SQLite stores in a column of the mirror. */
export type SqliteValue = string | number | null

/** How a checked field of the wire becomes what is stored. Throws `FieldRefused` for text of the right form without a value. */
export type Conversion = (value: unknown) => SqliteValue

/** A field of the right form that has no value, such as the 31st of February. */
export class FieldRefused extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'FieldRefused'
  }
}

/** Texts, whole numbers and null as they are. */
export const asItIs: Conversion = (value) => value as SqliteValue

/** An instant with an offset (RFC 3339) as UTC with milliseconds. */
export const instant: Conversion = (value) => {
  if (value === null) return null
  const milliseconds = Date.parse(String(value))
  if (Number.isNaN(milliseconds)) throw new FieldRefused('not an instant')
  return new Date(milliseconds).toISOString()
}

/** A decimal with two places as an integer of hundredths. */
export const hundredths: Conversion = (value) => {
  if (value === null) return null
  const text = String(value)
  const point = text.length - 3
  const integer = Number(text.slice(0, point) + text.slice(point + 1))
  if (!Number.isSafeInteger(integer)) throw new FieldRefused('a decimal too large')
  // "-0.00" is zero.
  return integer === 0 ? 0 : integer
}

/** True as 1, false as 0. */
export const flag: Conversion = (value) => (value === true ? 1 : 0)

/** A list as JSON. */
export const json: Conversion = (value) => JSON.stringify(value)

/** The body of a rubric as JSON of the program's own `Criterion[]`. */
export const criteria: Conversion = (value) => {
  const body = value as z.infer<typeof rubricDto>['body']
  const converted: readonly Criterion[] = body.criteria.map((criterion) => ({
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
  return JSON.stringify(converted)
}
