import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixture } from '../database/testing.ts'
import { openTestProgram, type TestProgram } from './testing.ts'

let program: TestProgram
beforeAll(async () => {
  program = await openTestProgram({ fixture: { batches: 4 } })
  await program.rest()
})
afterAll(() => program.dispose())

const batchId = fixture.batch(1)
const state = async () => {
  const answer = await program.call('storage.state', {})
  if (!answer.ok) throw new Error(answer.error.message)
  return answer.value
}

test('what is missing is told by when it is due, and nothing is used yet', async () => {
  const { usedBytes, keptBytes, budgetBytes, budgetChosen, missing } = await state()
  expect({ usedBytes, keptBytes, budgetChosen }).toEqual({ usedBytes: 0, keptBytes: 0, budgetChosen: false })
  expect(budgetBytes).toBeGreaterThan(0)
  expect(missing.reduce((sum, { files }) => sum + files, 0)).toBeGreaterThan(0)
  expect(missing.every(({ why }) => why !== 'pinned')).toBe(true)
})

test('a pin is kept, shown with the batch, and told to the window', async () => {
  program.announced.length = 0
  expect(await program.call('storage.pin', { batchId, pinned: true })).toMatchObject({
    ok: true,
    value: { pinned: true },
  })
  expect(program.announced).toContainEqual({ event: 'batches.changed', payload: { batchIds: [batchId] } })
  expect(await program.call('batch.get', { batchId })).toMatchObject({ value: { pinned: true } })
  const after = await state()
  expect(after.pinnedBatches).toBe(1)
  expect(after.missing[0]).toMatchObject({ why: 'pinned', dueOn: null })
  expect(await program.call('storage.pin', { batchId, pinned: true })).toMatchObject({ ok: true })
  expect(await program.call('storage.pin', { batchId, pinned: false })).toMatchObject({ value: { pinned: false } })
  expect((await state()).pinnedBatches).toBe(0)
})

test('a batch that is not here cannot be pinned', async () => {
  const unknown = '00000001-0000-4000-8000-0000000fffff'
  expect(await program.call('storage.pin', { batchId: unknown, pinned: true })).toMatchObject({
    error: { code: 'not_found' },
  })
})

test('a chosen budget is kept', async () => {
  const chosen = await program.call('storage.setBudget', { bytes: 2_500_000_000 })
  expect(chosen).toMatchObject({ value: { budgetBytes: 2_500_000_000, budgetChosen: true } })
  expect(await state()).toMatchObject({ budgetBytes: 2_500_000_000, budgetChosen: true })
})
