import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { staleData } from '../../shared/domain/data-age.ts'
import type { SyncEngine, SyncEngineOptions } from './sync-engine-options.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { engineOf } from './testing/engine.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

describe('fault 22: a feed that stalls silently', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  const watching = (device: TestDevice, changes: Partial<SyncEngineOptions> = {}) =>
    engineOf(device, { healthEveryMilliseconds: 0, ...changes })
  const runAgain = async (engine: SyncEngine) => {
    engine.now()
    await engine.settled()
    return engine.state()
  }

  it('in the cloud is told with the age of what is here, though every pull goes through, and mended by comparing', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const engine = watching(device)
    engine.start()
    await engine.settled()
    expect(engine.state()).toMatchObject({ connection: { kind: 'online' }, feedStalledSince: null })
    await runAgain(engine)
    expect(engine.state().lastCheck, 'the daily comparison comes after the first copy').toMatchObject({
      outcome: 'same',
    })

    await cloud.owner.query('alter table public.batches disable trigger feed_batches_update')
    await cloud.owner.query("update public.batches set description = 'never told' where id = $1", [rows.batch(1)])
    await cloud.owner.query('alter table public.batches enable trigger feed_batches_update')
    const stalled = await runAgain(engine)
    expect(stalled, 'the pull itself saw nothing').toMatchObject({ connection: { kind: 'online' }, lastError: null })
    expect(stalled.feedStalledSince).not.toBeNull()
    expect(mirrorOf(device.database())).not.toEqual(await truthOf(cloud.owner, people.auditor.id))
    expect(staleData(stalled, Date.now() + 3 * 3_600_000)).toMatchObject({
      asOf: stalled.feedStalledSince,
      reason: 'cloud_stalled',
    })

    engine.checkCopy()
    await engine.settled()
    expect(engine.state().lastCheck).toMatchObject({
      outcome: 'repaired',
      differences: [{ scope: 'person', table: 'batches', outdated: 1, remains: false }],
    })
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.auditor.id))

    await cloud.owner.query('select private.rebuild_feed()')
    expect((await runAgain(engine)).feedStalledSince).toBeNull()
    await engine.stop()
    device.dispose()
  })

  it('on the way is told with the age of what is here while the connection stands', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    const engine = watching(device)
    engine.start()
    await engine.settled()
    const { lastPulledAt } = engine.state()
    network.decide = (path) =>
      /\/sync_(pull|poll)$/.test(path) ? { kind: 'answer', status: 426, body: '{"message":"no","code":"PT426"}' } : null
    const state = await runAgain(engine)
    expect(state).toMatchObject({ connection: { kind: 'online' }, lastPulledAt })
    expect(staleData(state, Date.now() + 3 * 3_600_000)).toMatchObject({ asOf: lastPulledAt, reason: 'not_received' })
    await engine.stop()
    device.dispose()
  })

  it('in a cloud that cannot say how it is does not stop the synchronization', async () => {
    const network = faultyNetwork()
    network.decide = (path) =>
      path.endsWith('/health') ? { kind: 'answer', status: 404, body: '{"message":"no","code":"PGRST202"}' } : null
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    const engine = watching(device)
    engine.start()
    await engine.settled()
    expect(engine.state()).toMatchObject({ connection: { kind: 'online' }, lastError: null, feedStalledSince: null })
    await engine.stop()
    device.dispose()
  })
})
