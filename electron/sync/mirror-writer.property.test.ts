import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from '../database/testing.ts'
import { newId } from '../platform/identifiers.ts'
import { leaveScope, writeRow } from './mirror-writer.ts'
import { mirrorTables } from './rows/mirror-tables.ts'
import { readRow } from './rows/read-row.ts'

const table = mirrorTables.organizations
const held = 0b111

let workspace: TestWorkspace
beforeAll(() => {
  workspace = openTestWorkspace()
})
afterAll(() => workspace.dispose())

interface Stored {
  readonly name: string
  readonly version: number
  readonly scopes: number
}

/** Brings versions of one new row, each in a scope, and answers with what is stored after each of them. */
const bring = (arrivals: readonly { readonly version: number; readonly bit: number }[]): readonly Stored[] => {
  const id = newId()
  return workspace.database.write((handle) =>
    arrivals.map(({ version, bit }) => {
      // A version of a row is the same wherever it comes from.
      const row = { id, name: `version ${version}`, kind: 'other', country: null, version }
      writeRow(handle, table, readRow(table, row), { own: 2 ** bit, held })
      return handle.prepare('select name, version, scopes from organization where id = ?').get(id) as Stored
    }),
  )
}

const arrivals = fc.array(fc.record({ version: fc.integer({ min: 1, max: 9 }), bit: fc.integer({ min: 0, max: 2 }) }), {
  minLength: 1,
  maxLength: 12,
})
const reordered = arrivals.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
)

it('ends the same in whatever order versions of a row arrive, and however often', () => {
  fc.assert(
    fc.property(reordered, arrivals, ([inOrder, shuffled], _) => {
      const end = bring(inOrder).at(-1)
      expect(bring(shuffled).at(-1)).toEqual(end)
      expect(bring([...inOrder, ...shuffled, ...inOrder]).at(-1)).toEqual(end)
      expect(end).toEqual({
        name: `version ${Math.max(...inOrder.map(({ version }) => version))}`,
        version: Math.max(...inOrder.map(({ version }) => version)),
        scopes: inOrder.reduce((scopes, { bit }) => scopes | (2 ** bit), 0),
      })
    }),
  )
})

it('never goes back to an earlier version while a scope holds the row', () => {
  fc.assert(
    fc.property(arrivals, (list) => {
      const versions = bring(list).map(({ version }) => version)
      expect(versions).toEqual(versions.toSorted((left, right) => left - right))
    }),
  )
})

it('takes any version once no held scope has the row: those of a restored cloud begin lower', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (before, after) => {
      const id = newId()
      const write = (version: number, bit: number, heldNow: number) =>
        workspace.database.write((handle) =>
          writeRow(
            handle,
            table,
            readRow(table, { id, name: `version ${version}`, kind: 'other', country: null, version }),
            { own: 2 ** bit, held: heldNow },
          ),
        )
      write(before, 0, 0b1)
      // Another epoch: the old bit is being left, and everything is fetched again under a new one.
      write(after, 1, 0b10)
      const stored = workspace.database.write((handle) => {
        const version = handle.prepare('select version from organization where id = ?').get(id)
        return { version, gone: [leaveScope(handle, table, id, 0b1), leaveScope(handle, table, id, 0b10)] }
      })
      expect(stored).toEqual({ version: { version: after }, gone: [false, true] })
    }),
  )
})
