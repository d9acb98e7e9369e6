import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixture, people } from '../database/testing.ts'
import { deviceKeyOf } from '../handover/device-key.ts'
import { writeFact } from '../sync/facts.ts'
import { openTestProgram, type TestProgram } from './testing.ts'

let program: TestProgram
beforeEach(async () => {
  program = await openTestProgram({ person: people.desk, fixture: { batches: 2 } })
  await program.rest()
  const { database } = program.workspace()
  database.write((handle) => {
    writeFact(handle, database, 'sync.server_epoch', '00000000-0000-4000-8000-0000000000e0')
    writeFact(handle, database, 'sync.signing_key', deviceKeyOf(database).publicKey)
  })
  await program.call('decision.record', {
    batchIds: [fixture.batch(1)],
    action: 'reject',
    reasonCode: 'mass_balance',
    reason: 'It does not close.',
    acknowledgedGates: [],
  })
})
afterEach(() => program.dispose())

test('a file is written where the person chooses, and reads as what was decided', async () => {
  program.saveTo = join(program.folder, 'mine.veridesk-outbox')
  expect(await program.call('handover.outlook', {})).toMatchObject({ ok: true, value: { unsent: 1, problem: null } })
  program.announced.length = 0
  const written = await program.call('handover.write', { onlyNew: false })
  expect(written).toMatchObject({ ok: true, value: { path: program.saveTo, changes: 1 } })
  expect(program.offeredNames[0]).toMatch(/^[^/:]+\.veridesk-outbox$/)
  expect(program.announced).toContainEqual({ event: 'batches.changed', payload: { batchIds: null } })
  const bytes = new Uint8Array(readFileSync(program.saveTo))
  expect(await program.call('handover.open', { bytes })).toMatchObject({
    ok: true,
    value: {
      ofMyself: true,
      sameCloud: true,
      personName: people.desk.name,
      cloudName: 'Nowhere',
      refusal: null,
      changes: [{ kind: 'decision.record', action: 'reject', batchHash: expect.stringMatching(/^BATCH-/) }],
    },
  })
})

test('nothing happens when the person cancels', async () => {
  expect(await program.call('handover.write', { onlyNew: false })).toEqual({ ok: true, value: null })
  expect(await program.call('outbox.list', { states: [], limit: 10 })).toMatchObject({
    value: [{ state: 'held', handedOverAt: null }],
  })
})

test('a file that is none is refused in words, and one that cannot be sent now says why', async () => {
  const bytes = new TextEncoder().encode('{"format":"veridesk-outbox"}')
  expect(await program.call('handover.open', { bytes })).toMatchObject({
    ok: false,
    error: { code: 'file_unreadable' },
  })
  expect(await program.call('handover.submit', { bytes })).toMatchObject({
    ok: false,
    error: { code: 'session_expired' },
  })
})
