import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvField, csvTable, registerColumns } from './register-lines.ts'

test('a text that looks like a formula is made inert, a negative number is not', () => {
  expect(csvField('=1+1')).toBe("'=1+1")
  expect(csvField('@SUM(A1)')).toBe("'@SUM(A1)")
  expect(csvField('-12.50')).toBe('-12.50')
  expect(csvField('-12.50+A1')).toBe("'-12.50+A1")
})

test('whatever a field holds, a reader gets it back in its own column', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 }), (fields) => {
      const [line] = parse(`${fields.map(csvField).join(',')}\r\n`, {
        relax_column_count: true,
        skip_empty_lines: false,
      })
      const inert = fields.map((field) =>
        csvField(field).replace(/^"/, '').startsWith("'") && !field.startsWith("'") ? `'${field}` : field,
      )
      expect(line).toEqual(inert)
    }),
  )
})

test('a table without rows still has its header', () => {
  expect(csvTable([])).toBe(`${registerColumns.join(',')}\r\n`)
})
