import fc from 'fast-check'
import { expect, it } from 'vitest'
import { csvField, toCsv, toJsonLines } from './handler.ts'

/** Reads comma-separated values as RFC 4180 has them. */
const parse = (text: string): string[][] => {
  const rows: string[][] = [[]]
  let field = ''
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? ''
    if (quoted && letter === '"' && text[at + 1] === '"') {
      field += '"'
      at += 1
    } else if (letter === '"') quoted = !quoted
    else if (!quoted && letter === ',') {
      rows.at(-1)?.push(field)
      field = ''
    } else if (!quoted && letter === '\r' && text[at + 1] === '\n') {
      rows.at(-1)?.push(field)
      rows.push([])
      field = ''
      at += 1
    } else field += letter
  }
  return rows.slice(0, -1)
}

const value = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null))

it('whatever is in a cell is read back, and no text begins as a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ a: value, 'b, "c"': value }), { minLength: 1, maxLength: 5 }), (rows) => {
      const [names, ...cells] = parse(toCsv(rows))
      expect(names).toEqual(['a', 'b, "c"'])
      expect(cells).toHaveLength(rows.length)
      for (const [index, row] of rows.entries())
        for (const [column, given] of Object.values(row).entries()) {
          const cell = cells[index]?.[column] ?? ''
          if (typeof given === 'string') expect(cell).not.toMatch(/^[=+\-@\t\r]/)
          const formula = typeof given === 'string' && /^[=+\-@\t\r]/.test(given)
          expect(formula ? cell.slice(1) : cell).toBe(given === null ? '' : String(given))
        }
    }),
  )
})

it('a negative number stays a number', () => {
  expect(csvField(-1.5)).toBe('-1.5')
  expect(csvField('-1.5')).toBe("'-1.5")
})

it('no rows are an empty file', () => {
  expect([toCsv([]), toJsonLines([])]).toEqual(['', ''])
})
