import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { mirroredTables } from '../../../shared/wire/rows.ts'
import { compileCheck } from './field-check.ts'

const texts = [
  '01234567-89ab-4cde-8f01-23456789abcd',
  'a'.repeat(64),
  'A'.repeat(64),
  '12.50',
  '-0.00',
  '12.5',
  '1,250.00',
  '2026-01-31',
  '2026-01-31\n',
  '2026-11-20T22:37:31.490878+00:00',
  'pending',
  'APRS',
  'verification-docs',
  'certificates',
  'B-LT',
  'toString',
  '',
]
const anything = fc.oneof(
  fc.constantFrom(...texts),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.constantFrom(null, undefined, true, false, 0, -0, 1, 100, 101, 2 ** 53, -91, 0.5, [], ['a'], [1], {}, [null]),
  fc.array(fc.oneof(fc.constantFrom(...texts), fc.integer())),
)

const fields = Object.entries(mirroredTables).flatMap(([table, { shape }]) =>
  Object.entries(shape).map(([field, schema]) => ({ name: `${table}.${field}`, schema: schema as z.ZodType })),
)

it('every field of the wire but the body of a rubric is checked without zod, and nothing passes that zod refuses', () => {
  const compiled = fields.flatMap(({ name, schema }) => {
    const check = compileCheck(schema)
    return check === null ? [] : [{ name, schema, check }]
  })
  expect(fields.map(({ name }) => name).filter((name) => !compiled.some((one) => one.name === name))).toEqual([
    'rubrics.body',
  ])
  fc.assert(
    fc.property(anything, (value) => {
      for (const { name, schema, check } of compiled) {
        const parsed = schema.safeParse(value)
        expect(check(value), name).toBe(parsed.success)
        if (parsed.success) expect(parsed.data, name).toEqual(value)
      }
    }),
    { numRuns: 400 },
  )
})

it.each([
  ['an object', z.object({ a: z.string() })],
  ['a transformed text', z.string().trim()],
  ['a transformation', z.string().transform(Number)],
  ['a refinement', z.string().refine((text) => text !== 'x')],
  ['another format', z.url()],
  ['an exclusive bound', z.number().gt(1)],
  ['a multiple', z.int().multipleOf(2)],
  ['a list of a length', z.array(z.string()).length(6)],
  ['a default', z.string().default('a')],
  ['one of numbers', z.literal([1, 2])],
  ['a list of what is not known', z.array(z.string().trim()).nullable()],
])('%s is left to zod', (_, schema) => {
  expect(compileCheck(schema)).toBeNull()
})
