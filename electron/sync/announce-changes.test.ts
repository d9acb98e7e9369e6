import { expect, it } from 'vitest'
import { createChangeAnnouncer } from './announce-changes.ts'
import { collectChangedBatches } from './changed-batches.ts'

function announcer() {
  const changed = collectChangedBatches()
  const told: (readonly string[] | null)[] = []
  let at = 1000
  const made = createChangeAnnouncer({
    changed,
    clock: { elapsedMilliseconds: () => at },
    tell: (batchIds) => told.push(batchIds),
  })
  return {
    ...made,
    changed,
    told,
    /** So many changes, one each hundred milliseconds. */
    come(count: number) {
      for (let number = 0; number < count; number += 1) {
        at += 100
        changed.add(`batch ${at}`)
        made.ifDue()
      }
    },
  }
}

it('tells of the first that comes within a third of a second, and of what comes for a minute every six seconds at the most', () => {
  const { begin, come, told } = announcer()
  begin()
  come(3)
  expect(told).toHaveLength(1)
  come(600)
  const before = told.length
  expect(before).toBeLessThan(40)
  come(60)
  expect(told.length - before).toBeLessThanOrEqual(1)
  come(60)
  expect(told.length).toBeGreaterThan(before)
})

it('keeps nothing back at the end, tells nothing twice, and is quick again when the next run begins', () => {
  const { begin, changed, come, now, told } = announcer()
  begin()
  come(600)
  changed.add('the last')
  now()
  expect(told.flat()).toHaveLength(601)
  expect(new Set(told.flat()).size).toBe(601)
  const before = told.length
  now()
  expect(told).toHaveLength(before)
  begin()
  come(3)
  expect(told).toHaveLength(before + 1)
})
