import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { outboxContent, outboxFile } from '../../shared/wire/outbox-file.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { recordDecision } from '../decisions/record-decision.ts'
import { undoDecisions } from '../decisions/undo-decisions.ts'
import { listOutbox } from '../outbox/list-outbox.ts'
import { openVault } from '../platform/vault/vault.ts'
import { writeFact } from '../sync/facts.ts'
import { deviceKeyOf } from './device-key.ts'
import { handoverOutlook } from './handover-outlook.ts'
import { readOutboxFile } from './read-outbox-file.ts'
import { type HandoverSource, writeOutboxFile } from './write-outbox-file.ts'

let workspace: TestWorkspace
let source: HandoverSource
let place: string
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 6 })
  place = join(workspace.folder, 'work.veridesk-outbox')
  source = {
    vault: openVault({ directory: join(workspace.folder, 'vault'), keyHex: workspace.keyHex }),
    profile: { name: 'Registry', url: 'https://registry.example.org', publishableKey: 'k', source: 'entered' },
    deviceName: 'Field laptop',
    programVersion: '0.1.0',
  }
  const { database } = workspace
  database.write((handle) => {
    writeFact(handle, database, 'sync.server_epoch', '00000000-0000-4000-8000-0000000000e0')
    writeFact(handle, database, 'sync.clock_offset_ms', 1234)
  })
})
afterEach(() => workspace.dispose())

const me = () => workspace.as(people.desk, { clockOffsetMilliseconds: null })
const register = () => {
  const { database } = workspace
  const { publicKey } = deviceKeyOf(database)
  database.write((handle) => writeFact(handle, database, 'sync.signing_key', publicKey))
}
const reject = (...batches: readonly number[]) => {
  const decided = recordDecision(me(), {
    batchIds: batches.map(fixture.batch),
    action: 'reject',
    reasonCode: 'mass_balance',
    reason: 'The ticket is missing.',
    acknowledgedGates: [],
  })
  if (!decided.ok) throw new Error(decided.error.message)
  expect(decided.value.map(({ refused }) => refused)).toEqual(batches.map(() => null))
  return decided.value.map(({ mutationId }) => mutationId ?? '')
}
const write = (options: { onlyNew?: boolean; limits?: HandoverSource['limits'] } = {}) =>
  writeOutboxFile(
    me(),
    options.limits === undefined ? source : { ...source, limits: options.limits },
    { onlyNew: options.onlyNew ?? false },
    place,
  )
const items = () => {
  const found = listOutbox(workspace, { states: [], limit: 100 })
  return found.ok ? found.value : []
}
const actions = () =>
  workspace.database.read
    .all(workspace.database.build.selectFrom('audit_event').select('action').orderBy('sequence'))
    .map(({ action }) => action)

test('nothing is written before the cloud has registered the key', async () => {
  reject(1)
  expect(handoverOutlook(me())).toMatchObject({ ok: true, value: { unsent: 1, problem: { code: 'blocked' } } })
  expect(await write()).toMatchObject({
    ok: false,
    error: { code: 'blocked', action: expect.stringContaining('Connect once') },
  })
})

test('the frozen bodies travel unchanged, in their order, with who, where and when', async () => {
  register()
  const ids = reject(1, 2, 3)
  const written = await write()
  const file = outboxFile.parse(JSON.parse(readFileSync(place, 'utf8')))
  const content = outboxContent.parse(JSON.parse(file.content))
  expect(content).toMatchObject({
    person: { id: people.desk.id },
    device: { id: workspace.deviceId, name: 'Field laptop' },
    cloud: { name: 'Registry', server_epoch: '00000000-0000-4000-8000-0000000000e0' },
    clock_offset_ms: 1234,
    count: 3,
  })
  const bodies = workspace.database.read.all(
    workspace.database.build.selectFrom('outbox').select('body').orderBy('sequence'),
  )
  expect(content.changes).toEqual(bodies.map(({ body }) => JSON.parse(body)))
  expect(content.changes.map(({ mutation_id }) => mutation_id)).toEqual(ids)
  const read = readOutboxFile(readFileSync(place))
  expect(written).toMatchObject({ ok: true, value: { changes: 3, fingerprint: read.fingerprint } })
  expect(read).toMatchObject({ sound: true, changes: ids.map((mutationId) => ({ mutationId, action: 'reject' })) })
})

test('what was handed over stays, marked, is not held any more, and is in the audit log', async () => {
  register()
  const ids = reject(1)
  expect(items()[0]?.state).toBe('held')
  await write()
  expect(items()).toMatchObject([{ state: 'queued', holdUntil: null, handedOverAt: expect.any(String) }])
  const undone = undoDecisions(me(), { mutationIds: ids })
  expect(undone).toMatchObject({
    value: [{ refused: { code: 'blocked', message: expect.stringContaining('handed over') } }],
  })
  expect(actions().at(-1)).toBe('outbox.handed_over')
  expect(handoverOutlook(me())).toMatchObject({ ok: true, value: { unsent: 1, handedOver: 1, held: 0, problem: null } })
})

test('a second file holds everything again, or only what the first does not', async () => {
  register()
  reject(1)
  await write()
  const [second = ''] = reject(2)
  expect(await write({ onlyNew: true })).toMatchObject({ ok: true, value: { changes: 1 } })
  expect(readOutboxFile(readFileSync(place)).changes.map(({ mutationId }) => mutationId)).toEqual([second])
  expect(await write()).toMatchObject({ ok: true, value: { changes: 2, left: 0 } })
  expect(await write({ onlyNew: true })).toMatchObject({ ok: false, error: { message: 'Nothing waits to be sent.' } })
})

test('what does not fit is left for the next file, and nothing in between is skipped', async () => {
  register()
  const ids = reject(1, 2, 3)
  expect(await write({ limits: { bytes: 1_000_000, changes: 2 } })).toMatchObject({
    ok: true,
    value: { changes: 2, left: 1 },
  })
  expect(await write({ onlyNew: true })).toMatchObject({ ok: true, value: { changes: 1 } })
  expect(readOutboxFile(readFileSync(place)).changes[0]?.mutationId).toBe(ids[2])
  expect(await write({ limits: { bytes: 16_500, changes: 2 } })).toMatchObject({
    ok: false,
    error: { code: 'file_too_large' },
  })
})

test('a file that cannot be written leaves everything as it was', async () => {
  register()
  reject(1)
  const refused = await writeOutboxFile(
    me(),
    source,
    { onlyNew: false },
    join(workspace.folder, 'no-such-folder', 'x.veridesk-outbox'),
  )
  expect(refused).toMatchObject({ ok: false, error: { code: 'not_allowed' } })
  expect(items()).toMatchObject([{ state: 'held', handedOverAt: null }])
  expect(actions()).not.toContain('outbox.handed_over')
})

test('a decision that is taken back while the file is written is not handed over', async () => {
  register()
  const ids = reject(1, 2)
  const pending = write()
  expect(undoDecisions(me(), { mutationIds: [ids[0] ?? ''] })).toMatchObject({ ok: true })
  expect(await pending).toMatchObject({ ok: false, error: { code: 'stale' } })
  expect(readdirSync(workspace.folder)).not.toContain('work.veridesk-outbox')
  expect(items().map(({ state, handedOverAt }) => [state, handedOverAt])).toEqual([
    ['held', null],
    ['undone', null],
  ])
})

test('the key stays the same when the workspace is opened again, and is another in another workspace', () => {
  const first = deviceKeyOf(workspace.database).publicKey
  expect(deviceKeyOf(workspace.database).publicKey).toBe(first)
  const other = openTestWorkspace({ batches: 1 })
  expect(deviceKeyOf(other.database).publicKey).not.toBe(first)
  other.dispose()
})
