import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eachRow, MalformedRows, type ReceivedList, readList, takeList } from './received-list.ts'

/** Whatever PostgreSQL may have to write, in the form that it writes a value of an object. */
const value = fc.oneof(
  fc.string().map((text) => JSON.stringify(text)),
  fc.constantFrom('", \\n {"id" : "', '}], \\n [{', '\\', '"rows" : [', 'Đà Nẵng').map((text) => JSON.stringify(text)),
  fc.integer().map(String),
  fc.constantFrom('null', 'true', '[]', '{}', '[1, 2]', '{"id": [{}]}'),
)
const object = fc
  .tuple(fc.constantFrom('id', 'table', ''), fc.array(fc.tuple(fc.string(), value), { maxLength: 4 }), value)
  .map(([first, fields, own]) =>
    written([[first, own], ...fields.map(([name, text]): [string, string] => [name, text])]),
  )
const written = (fields: readonly (readonly [string, string])[]): string =>
  `{${fields.map(([name, text]) => `${JSON.stringify(name)} : ${text}`).join(', ')}}`
const list = (rows: readonly string[]): string => `[${rows.join(', ')}]`
/** Rows of which some have a list that is written like the one that they are in. */
const rowsOf = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: object },
    {
      weight: 1,
      arbitrary: fc.tuple(value, fc.array(object, { maxLength: 4 })).map(([id, parts]) =>
        written([
          ['id', id],
          ['parts', list(parts)],
        ]),
      ),
    },
  ),
  { minLength: 1, maxLength: 150 },
)

const take = (text: string): { frame: unknown; list: ReceivedList } | null => {
  const taken = takeList(Buffer.from(text), 'rows')
  return taken === null ? null : { frame: JSON.parse(taken.frame.toString()), list: taken.list }
}

it('rows taken out of an answer are those that are in it, and the rest stays', () => {
  fc.assert(
    fc.property(rowsOf, value, value, (rows, before, after) => {
      const answer = `{"snapshot" : ${before}, "rows" : ${list(rows)}, "next" : ${after}, "more" : [{"id" : 1}]}`
      const { rows: expected, ...rest } = JSON.parse(answer)
      const taken = take(answer)
      // An answer of which that is not sure is read as a whole.
      fc.pre(taken !== null)
      expect(taken?.frame).toEqual({ ...rest, rows: [] })
      const read = readList<unknown>(taken?.list as ReceivedList, () => true)
      expect([...eachRow(read, 0, Number.POSITIVE_INFINITY)]).toEqual(expected)
      expect(read).toHaveLength(rows.length)
    }),
  )
})

it('an answer that ends too early is never taken for one with fewer rows', () => {
  fc.assert(
    fc.property(rowsOf, fc.nat(), (rows, at) => {
      const answer = `{"snapshot" : "1:1:", "rows" : ${list(rows)}, "next" : null}`
      expect(take(answer.slice(0, at % answer.length))).toBeNull()
    }),
  )
})

it('a row with a byte too many is refused, and so is all that is read from there', () => {
  fc.assert(
    fc.property(rowsOf, fc.nat(), (rows, at) => {
      const broken = at % rows.length
      const answer = `{"rows" : ${list(rows.map((row, index) => (index === broken ? `${row.slice(0, -1)},}` : row)))}}`
      const taken = take(answer)
      if (taken === null) return
      const read = readList<unknown>(taken.list, () => true)
      expect(() => [...eachRow(read, 0, Number.POSITIVE_INFINITY)]).toThrow(MalformedRows)
    }),
  )
})
