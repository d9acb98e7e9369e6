import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import type { SyncEngine, SyncEngineOptions } from './sync-engine-options.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { engineOf } from './testing/engine.ts'
import { startThrottlingProxy, type ThrottlingProxy } from './testing/throttling-proxy.ts'

/** Far less than the twenty seconds after which a call that nobody answers is given up. */
const patience = { timeout: 8_000 }

describe('a laptop that sleeps and wakes', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let proxy: ThrottlingProxy
  let device: TestDevice
  let engine: SyncEngine
  beforeAll(async () => {
    cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(async () => {
    proxy = await startThrottlingProxy(cloud.profile.url)
    device = await openTestDevice({ ...cloud.profile, url: proxy.url }, people.auditor)
  })
  afterEach(async () => {
    await engine.stop()
    device.dispose()
    await proxy.close()
  })

  const start = async (changes: Partial<SyncEngineOptions> = {}) => {
    engine = engineOf(device, {
      clock: systemClock,
      settleContext: () => ({ clock: systemClock, person: device.person, deviceId: device.deviceId }),
      random: () => 0.5,
      ...changes,
    })
    engine.start()
    await engine.settled()
    expect(engine.state().connection.kind).toBe('online')
  }
  const stateOf = (mutationId: string) => findOutboxItem(device.database().read, mutationId)?.state
  /** A change is on its way over a connection that is dead, and stays there. */
  const sendIntoNothing = async (batch: number): Promise<string> => {
    proxy.condition = { halfOpen: true }
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(batch)))
    const { bytes } = proxy.passed
    engine.now()
    await expect.poll(() => engine.state().progress?.phase, patience).toBe('connecting')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(proxy.passed.bytes).toBe(bytes)
    return mutationId
  }

  it('gives up what was under way when the host tells of it, and sends at once', async () => {
    await start()
    const mutationId = await sendIntoNothing(0)
    proxy.condition = {}
    engine.woke()
    await expect.poll(() => stateOf(mutationId), patience).toBe('applied')
    await engine.settled()
    expect(engine.state()).toMatchObject({ connection: { kind: 'online' }, lastError: null, retryAt: null })
  })

  it('notices by itself that it slept, where no host tells it', async () => {
    let slept = 0
    const clock: Clock = {
      now: () => new Date(Date.now() + slept).toISOString(),
      elapsedMilliseconds: systemClock.elapsedMilliseconds,
    }
    await start({ clock, lookForSleepMilliseconds: 50 })
    const mutationId = await sendIntoNothing(1)
    proxy.condition = {}
    slept = 8 * 3_600_000
    await expect.poll(() => stateOf(mutationId), patience).toBe('applied')
  })

  it('does not wait out the pause after earlier failures', async () => {
    await start({ random: () => 1 })
    proxy.condition = { cutAfterBytes: 0 }
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(2)))
    for (let failure = 0; failure < 4; failure += 1) {
      engine.now()
      await engine.settled()
    }
    expect(engine.state()).toMatchObject({ connection: { kind: 'offline' }, retryAt: expect.any(String) })
    proxy.condition = {}
    engine.woke()
    await engine.settled()
    expect(stateOf(mutationId)).toBe('applied')
  })

  it('stays off where it was switched off, and asks for nothing where the password is wanted', async () => {
    await start()
    engine.setOffline(true)
    const { bytes } = proxy.passed
    engine.woke()
    await engine.settled()
    expect(engine.state().connection.kind).toBe('switched_off')
    expect(proxy.passed.bytes).toBe(bytes)
    device.cloud.signOut()
    engine.setOffline(false)
    await engine.settled()
    expect(engine.state()).toMatchObject({ connection: { kind: 'offline', reason: 'session_expired' } })
    engine.woke()
    await engine.settled()
    expect(engine.state()).toMatchObject({ connection: { kind: 'offline', reason: 'session_expired' }, retryAt: null })
  })
})
