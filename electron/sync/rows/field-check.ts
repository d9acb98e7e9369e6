import type { z } from 'zod'

/** True for a value that the schema accepts and gives back as it is. */
export type FieldCheck = (value: unknown) => boolean

/**
 * A check that says what a schema of the wire says, without the objects that zod makes for every field of every row: a first mirror
 * checks two million fields. Null for a schema with anything in it that is not known here; zod itself reads such rows, and says what is
 * wrong with a row that does not pass.
 */
export function compileCheck(schema: z.core.$ZodType): FieldCheck | null {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'string':
      return stringCheck(def)
    case 'number':
      return numberCheck(def)
    case 'boolean':
      return (def.checks ?? []).length === 0 ? (value) => typeof value === 'boolean' : null
    case 'enum':
      return oneOf(Object.values(def.entries), def.checks)
    case 'literal':
      return oneOf(def.values, def.checks)
    case 'nullable': {
      const inner = compileCheck(def.innerType)
      return inner === null ? null : (value) => value === null || inner(value)
    }
    case 'array': {
      const element = compileCheck(def.element)
      if (element === null || (def.checks ?? []).length > 0) return null
      return (value) => Array.isArray(value) && value.every(element)
    }
    default:
      return null
  }
}

type Checks = readonly z.core.$ZodCheck[] | undefined

const parts = (checks: Checks): readonly z.core.$ZodChecks['_zod']['def'][] =>
  (checks ?? []).map((check) => (check as z.core.$ZodChecks)._zod.def)

function oneOf(values: readonly unknown[], checks: Checks): FieldCheck | null {
  if ((checks ?? []).length > 0 || !values.every((value) => typeof value === 'string')) return null
  const known = new Set<unknown>(values)
  return (value) => known.has(value)
}

function stringCheck(def: z.core.$ZodStringDef & { readonly format?: string; readonly pattern?: RegExp | undefined }) {
  const patterns: RegExp[] = []
  let shortest = 0
  if (def.format !== undefined) {
    if (def.format !== 'guid' || def.pattern === undefined) return null
    patterns.push(def.pattern)
  }
  for (const check of parts(def.checks)) {
    if (check.check === 'min_length') shortest = Math.max(shortest, check.minimum)
    else if (check.check === 'string_format' && check.format === 'regex' && check.pattern !== undefined)
      patterns.push(check.pattern)
    else return null
  }
  if (patterns.some(({ global, sticky }) => global || sticky)) return null
  const [pattern, ...others] = patterns
  if (others.length > 0) return null
  return pattern === undefined
    ? (value: unknown) => typeof value === 'string' && value.length >= shortest
    : (value: unknown) => typeof value === 'string' && value.length >= shortest && pattern.test(value)
}

function numberCheck(def: z.core.$ZodNumberDef & { readonly format?: string }): FieldCheck | null {
  let least = Number.NEGATIVE_INFINITY
  let most = Number.POSITIVE_INFINITY
  if (def.format !== undefined && def.format !== 'safeint') return null
  for (const check of parts(def.checks)) {
    if (check.check === 'greater_than' && check.inclusive) least = Math.max(least, Number(check.value))
    else if (check.check === 'less_than' && check.inclusive) most = Math.min(most, Number(check.value))
    else return null
  }
  const isNumber = def.format === undefined ? Number.isFinite : Number.isSafeInteger
  return (value) => isNumber(value) && (value as number) >= least && (value as number) <= most
}
