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

/** An instant in UTC, to the millisecond or further, on a day that every month has. */
const plainInstant =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3,}(?:\+00:00|Z)$/

/** An instant with an offset (RFC 3339) as UTC with milliseconds. */
export const instant: Conversion = (value) => {
  if (value === null) return null
  const text = String(value)
  // As the cloud writes nearly all: no date need be made of it.
  if (plainInstant.test(text)) return `${text.slice(0, 23)}Z`
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) throw new FieldRefused('not an instant')
  return new Date(milliseconds).toISOString()
}

const [zero, minus] = [48, 45]

/** A decimal with two places as an integer of hundredths. */
export const hundredths: Conversion = (value) => {
  if (value === null) return null
  const text = String(value)
  const point = text.length - 3
  const negative = text.charCodeAt(0) === minus
  let integer = 0
  for (let index = negative ? 1 : 0; index < text.length; index += 1)
    if (index !== point) integer = integer * 10 + text.charCodeAt(index) - zero
  if (!Number.isSafeInteger(integer)) throw new FieldRefused('a decimal too large')
  // "-0.00" is zero.
  return negative && integer !== 0 ? -integer : integer
}

/** True as 1, false as 0. */
export const flag: Conversion = (value) => (value === true ? 1 : 0)

/** A list as JSON. */
export const json: Conversion = (value) => (Array.isArray(value) && value.length === 0 ? '[]' : JSON.stringify(value))

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
