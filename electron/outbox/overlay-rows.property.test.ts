import fc from 'fast-check'
import { expect, test } from 'vitest'
import { overlayRows } from './pending-rows.ts'

interface Thing {
  readonly id: string
  readonly status: string
  readonly points: number | null
}

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const thing = fc.record({ id, status: fc.string(), points: fc.option(fc.integer(), { nil: null }) })
const change = fc.record(
  { id, status: fc.string(), points: fc.option(fc.integer(), { nil: null }) },
  { requiredKeys: ['id'] },
)

test('every id is there once, each column is the last that was said of it, and nothing that came in is changed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(thing, { selector: (row) => row.id }), fc.array(change), (base, changes) => {
      const before = structuredClone({ base, changes })
      const result = overlayRows<Thing>(
        base,
        changes.map((row) => ({ row })),
      )
      expect({ base, changes }).toEqual(before)
      expect(new Set(result.map((row) => row.id))).toEqual(new Set([...base, ...changes].map((row) => row.id)))
      expect(result.slice(0, base.length).map((row) => row.id)).toEqual(base.map((row) => row.id))
      for (const row of result) {
        for (const column of ['status', 'points'] as const) {
          const said = [...base, ...changes].filter((each) => each.id === row.id && Object.hasOwn(each, column))
          expect(row[column]).toEqual(said.at(-1)?.[column])
        }
      }
    }),
  )
})
