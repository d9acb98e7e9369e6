import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import type { SyncEngine, SyncEngineOptions } from './sync-engine-options.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { engineOf } from './testing/engine.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

const patience = { timeout: 60_000 }

describe('the engine', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  interface Running {
    readonly engine: SyncEngine
    readonly states: SyncState[]
    readonly changed: (readonly string[] | null)[]
    readonly expirations: () => number
  }

  const run = (device: TestDevice, changes: Partial<SyncEngineOptions> = {}): Running => {
    const states: SyncState[] = []
    const changed: (readonly string[] | null)[] = []
    let expirations = 0
    const engine = engineOf(device, {
      onState: (state) => states.push(state),
      onBatchesChanged: (batchIds) => changed.push(batchIds),
      onSessionExpired: () => {
        expirations += 1
      },
      ...changes,
    })
    return { engine, states, changed, expirations: () => expirations }
  }
  const stateOf = (device: TestDevice, mutationId: string) => findOutboxItem(device.database().read, mutationId)?.state

  it('mirrors at its start, fetches the evidence, and tells of it', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const { engine, states, changed } = run(device)
    expect(engine.state().connection.kind, 'before the first try nothing is known').toBe('connecting')
    engine.start()
    await engine.settled()
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.auditor.id))
    expect(engine.state()).toMatchObject({
      connection: { kind: 'online' },
      progress: null,
      lastError: null,
      files: { present: 12, total: 12 },
      lastPulledAt: expect.any(String),
      clockOffsetMilliseconds: expect.any(Number),
    })
    expect(changed.flat()).toEqual(expect.arrayContaining([rows.batch(0)]))
    expect(states.length).toBeGreaterThan(1)
    await engine.stop()
    device.dispose()
  })

  it('never tells that it is done while evidence is still to come, whatever ends beside it', async () => {
    const network = faultyNetwork()
    const isFile = (path: string) => path.includes('/object/')
    network.decide = (path) => (isFile(path) ? { kind: 'half_open', delivered: false } : null)
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    const { engine, states } = run(device, { periodMilliseconds: 100 })
    engine.start()
    await expect.poll(() => network.calls.some(isFile), patience).toBe(true)
    const pulled = engine.state().lastPulledAt
    await expect.poll(() => engine.state().lastPulledAt, patience).not.toBe(pulled)
    network.decide = () => null
    engine.filesWanted()
    await expect.poll(() => engine.state().files, patience).toEqual({ present: 12, total: 12 })
    await expect.poll(() => states.at(-1)?.progress ?? null, patience).toBeNull()
    const told = states.filter(({ lastPulledAt, files }) => lastPulledAt !== null && files.present < files.total)
    expect(told.length).toBeGreaterThan(3)
    expect(told.filter(({ progress }) => progress === null)).toEqual([])
    await engine.stop()
    device.dispose()
  })

  it('fetches by itself what changes in the cloud', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const { engine } = run(device, { periodMilliseconds: 300 })
    engine.start()
    await engine.settled()
    await cloud.owner.query("update public.batches set description = 'told by itself' where id = $1", [rows.batch(0)])
    await expect
      .poll(() => {
        const { build, read } = device.database()
        return read.first(build.selectFrom('batch').select('description').where('id', '=', rows.batch(0)))?.description
      }, patience)
      .toBe('told by itself')
    await engine.stop()
    device.dispose()
  })

  it('fault 13: sends what was made without a network as soon as there is one, without any new write', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    const { engine } = run(device)
    engine.start()
    await engine.settled()
    network.decide = () => ({ kind: 'refuse_connection' })
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(1)))
    engine.outboxChanged()
    await engine.settled()
    expect(engine.state()).toMatchObject({
      connection: { kind: 'offline', reason: 'cloud_unreachable' },
      lastError: { code: 'cloud_unreachable' },
      retryAt: expect.any(String),
      counts: { queued: 1 },
    })
    network.decide = () => null
    await expect.poll(() => stateOf(device, mutationId), patience).toBe('applied')
    await engine.settled()
    expect(engine.state()).toMatchObject({ connection: { kind: 'online' }, lastError: null, counts: { applied: 1 } })
    await engine.stop()
    device.dispose()
  })

  it('sends a change when its hold is over, and not before', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const { engine } = run(device)
    engine.start()
    await engine.settled()
    const mutationId = device.change({ ...scoreDraft(device.database(), rows.batch(2)), holdSeconds: 2 })
    const made = Date.now()
    engine.outboxChanged()
    expect(engine.state().counts.held).toBe(1)
    await expect.poll(() => stateOf(device, mutationId), patience).toBe('applied')
    expect(Date.now() - made).toBeGreaterThanOrEqual(1_900)
    await engine.stop()
    device.dispose()
  })

  it('asks nothing of the cloud while it is switched off, also after a restart', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    const first = run(device)
    first.engine.start()
    await first.engine.settled()
    expect(first.engine.setOffline(true).connection.kind).toBe('switched_off')
    network.calls.length = 0
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(3)))
    first.engine.outboxChanged()
    first.engine.now()
    await first.engine.stop()
    const second = run(device)
    second.engine.start()
    await second.engine.settled()
    expect(second.engine.state().connection.kind).toBe('switched_off')
    expect(network.calls).toEqual([])
    second.engine.setOffline(false)
    await expect.poll(() => stateOf(device, mutationId), patience).toBe('applied')
    await second.engine.stop()
    device.dispose()
  })

  it('fault 20: asks for the password once when the session has ended, and goes on when it was given', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    const { engine, expirations } = run(device, { periodMilliseconds: 100 })
    device.cloud.signOut()
    engine.start()
    await engine.settled()
    expect(engine.state()).toMatchObject({
      connection: { kind: 'offline', reason: 'session_expired' },
      lastError: { code: 'session_expired' },
      retryAt: null,
    })
    engine.outboxChanged()
    await engine.settled()
    expect(expirations()).toBe(1)
    await device.cloud.signIn(people.auditor.email, 'correct horse battery staple')
    engine.sessionRenewed()
    await engine.settled()
    expect(engine.state()).toMatchObject({ connection: { kind: 'online' }, lastError: null })
    await engine.stop()
    device.dispose()
  })

  it('fault 9: stops with plain words for a person who is suspended, and keeps the work', async () => {
    const device = await openTestDevice(cloud.profile, people.desk)
    const { engine } = run(device)
    engine.start()
    await engine.settled()
    await cloud.owner.query('update public.users set active = false where id = $1', [people.desk.id])
    const before = mirrorOf(device.database())
    const mutationId = device.change({ ...scoreDraft(device.database(), rows.batch(20)), holdSeconds: 0 })
    engine.now()
    await engine.settled()
    expect(engine.state()).toMatchObject({
      connection: { kind: 'offline', reason: 'account_refused' },
      lastError: { code: 'account_suspended', message: expect.any(String) },
    })
    expect(stateOf(device, mutationId)).toBe('queued')
    expect(mirrorOf(device.database())).toEqual(before)
    await cloud.owner.query('update public.users set active = true where id = $1', [people.desk.id])
    engine.now()
    await expect.poll(() => stateOf(device, mutationId), patience).not.toBe('queued')
    await engine.stop()
    device.dispose()
  })

  it('ends a run that is cancelled and rests, until it is asked for again', async () => {
    const device = await openTestDevice(cloud.profile, people.compliance)
    const { engine } = run(device, { pageRows: 2 })
    engine.start()
    await expect.poll(() => engine.state().progress?.phase, patience).toBe('bootstrap')
    expect(engine.cancel().progress).toBeNull()
    await engine.settled()
    expect(engine.state()).toMatchObject({ progress: null, lastError: null, retryAt: expect.any(String) })
    engine.now()
    await engine.settled()
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.compliance.id))
    await engine.stop()
    device.dispose()
  })

  it('lets calls of the window in between the pages', async () => {
    const device = await openTestDevice(cloud.profile, people.compliance)
    const { engine } = run(device)
    let turns = 0
    let counting = true
    const count = () => {
      turns += 1
      if (counting) setImmediate(count)
    }
    setImmediate(count)
    engine.start()
    await engine.settled()
    counting = false
    // One for each table of each scope, at the least.
    expect(turns).toBeGreaterThan(20)
    await engine.stop()
    device.dispose()
  })

  it('fault 5: sends what was on its way when the program was killed', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const first = run(device)
    first.engine.start()
    await first.engine.settled()
    await first.engine.stop()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(4)))
    device.database().write((handle) => handle.prepare("update outbox set state = 'sending'").run())
    device.restart()
    const second = run(device)
    second.engine.start()
    await second.engine.settled()
    expect(stateOf(device, mutationId)).toBe('applied')
    await second.engine.stop()
    device.dispose()
  })
})
