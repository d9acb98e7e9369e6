import { afterEach, describe, expect, test } from 'vitest'
import { type ChannelName, channelNames } from '../../shared/contract/channel-names.ts'
import { fixture, people } from '../database/testing.ts'
import { silentLog } from '../platform/log.ts'
import { damageDatabase, openTestProgram, type TestProgram } from './testing.ts'

let program: TestProgram
afterEach(() => program.dispose())

/** What may be asked before anybody is signed in. */
const withoutWorkspace: readonly ChannelName[] = [
  'app.info',
  'session.state',
  'session.testCloud',
  'session.readOrganizationFile',
  'session.signIn',
  'session.unlock',
  'session.renew',
  'session.signOut',
]

describe('while nobody is signed in', () => {
  test.each(channelNames.filter((name) => !withoutWorkspace.includes(name)))('%s says so', async (name) => {
    program = await openTestProgram()
    const answer = await program.call(name, {} as never)
    expect(answer).toEqual({
      ok: false,
      error: { code: 'not_signed_in', message: 'Nobody is signed in.', action: 'Sign in first.' },
    })
    expect(program.announced).toEqual([])
    expect(program.offeredNames).toEqual([])
  })

  test('the program tells about itself and its state', async () => {
    program = await openTestProgram()
    expect(await program.call('app.info', {})).toMatchObject({
      ok: true,
      value: { version: '0.0.0', databaseEncrypted: true, userDataDirectory: program.folder },
    })
    expect(await program.call('session.state', {})).toMatchObject({ ok: true, value: { kind: 'signed_out' } })
    expect(await program.call('session.unlock', { passphrase: 'a' })).toMatchObject({
      error: { code: 'not_signed_in' },
    })
    expect(await program.call('session.renew', { password: 'a' })).toMatchObject({ error: { code: 'not_signed_in' } })
  })
})

describe('after a change that was committed', () => {
  const batchIds = [fixture.batch(0), fixture.batch(1)]
  const changes = () => program.announced.filter(({ event }) => event === 'batches.changed')
  const reject = (ids: string[]) =>
    program.call('decision.record', {
      batchIds: ids,
      action: 'reject',
      reasonCode: 'other',
      reason: 'No tickets',
      acknowledgedGates: [],
    })

  test('window and synchronization hear of the batches that changed, and of no other', async () => {
    program = await openTestProgram({
      person: people.desk,
      fixture: { batches: 2, statusOf: (batch) => (batch === 0 ? 'under_review' : 'verified') },
    })
    program.announced.length = 0
    expect(await reject(batchIds)).toMatchObject({
      ok: true,
      value: [{ refused: null }, { refused: { code: expect.any(String) } }],
    })
    expect(changes()).toEqual([{ event: 'batches.changed', payload: { batchIds: [fixture.batch(0)] } }])
    expect(await program.call('sync.state', {})).toMatchObject({ ok: true, value: { counts: { held: 1 } } })
  })

  test('a score, a finding and a viewed file are announced with their batch', async () => {
    program = await openTestProgram({ fixture: { batches: 1, statusOf: () => 'approved' } })
    const batchId = fixture.batch(0)
    const detail = await program.call('batch.get', { batchId })
    if (!detail.ok) throw new Error(detail.error.message)
    const [file] = detail.value.evidence
    if (file === undefined) throw new Error('The fixture has evidence')
    const score = { criterionCode: 'E-01', points: 4, notApplicableReason: null, note: '', evidenceFileIds: [] }
    program.announced.length = 0
    expect((await program.call('score.set', { batchId, ...score })).ok).toBe(true)
    expect((await program.call('evidence.markViewed', { evidenceFileId: file.id, sha256: file.sha256 })).ok).toBe(true)
    expect(changes().map(({ payload }) => payload)).toEqual([{ batchIds: [batchId] }, { batchIds: [batchId] }])
  })

  test('what was refused or only read is not announced', async () => {
    program = await openTestProgram({ fixture: { batches: 1 } })
    program.announced.length = 0
    expect((await program.call('score.set', { batchId: fixture.batch(9) } as never)).ok).toBe(false)
    await program.call('batch.get', { batchId: fixture.batch(0) })
    await program.call('evidence.markViewed', { evidenceFileId: fixture.evidence(0, 0), sha256: 'f'.repeat(64) })
    expect(changes()).toEqual([])
  })
})

describe('a failure of disk or file', () => {
  test('that a use case does not expect becomes an answer, and a line in the log without anything personal', async () => {
    const lines: unknown[] = []
    program = await openTestProgram({
      fixture: { batches: 400 },
      log: { ...silentLog, error: (event, fields) => lines.push({ event, ...fields }) },
    })
    await program.rest()
    damageDatabase(program.workspace().folder.database)
    const answer = await program.call('evidence.photoFacts', { evidenceFileId: fixture.evidence(390, 0) })
    expect(answer).toMatchObject({
      ok: false,
      error: { code: 'database_corrupt', action: expect.stringContaining('Start the program again') },
    })
    expect(lines).toContainEqual({
      event: 'database.failed',
      channel: 'evidence.photoFacts',
      code: 'database_corrupt',
    })
  })

  test('on a full disk a change answers what to do, is not announced, and nothing before it is lost', async () => {
    program = await openTestProgram({ fixture: { batches: 1 } })
    await program.call('draft.set', { key: 'note', body: 'kept' })
    program.workspace().database.write((handle) => handle.prepare('pragma max_page_count = 1').get())
    program.announced.length = 0
    const raised = await program.call('finding.raise', {
      batchId: fixture.batch(0),
      kind: 'car',
      title: 'Ticket missing',
      description: 'x'.repeat(20_000),
      criterionCode: null,
      evidenceFileId: null,
      dueAt: null,
      misstatement: null,
    })
    expect(raised).toMatchObject({ ok: false, error: { code: 'disk_full', action: expect.stringContaining('Free') } })
    expect(program.announced).toEqual([])
    expect(await program.call('draft.get', { key: 'note' })).toEqual({ ok: true, value: { body: 'kept' } })
  })

  test('a defect is no answer: it is thrown on', async () => {
    program = await openTestProgram({ fixture: { batches: 1 } })
    await program.rest()
    program.workspace().database.close()
    await expect(program.call('batch.get', { batchId: fixture.batch(0) })).rejects.toThrow('not open')
  })
})
