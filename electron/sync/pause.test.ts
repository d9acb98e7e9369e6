import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import type { SyncEngine } from './sync-engine-options.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { engineOf } from './testing/engine.ts'
import { type FaultyNetwork, faultyNetwork } from './testing/faulty-network.ts'
import { keepUpload } from './testing/keep-upload.ts'

const patience = { timeout: 60_000 }
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 400))

describe('a pause', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let network: FaultyNetwork
  let device: TestDevice
  let engine: SyncEngine
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(async () => {
    network = faultyNetwork()
    device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    engine = engineOf(device, { pageRows: 2, periodMilliseconds: 100 })
  })
  afterEach(async () => {
    await engine.stop()
    device.dispose()
  })

  const stateOf = (mutationId: string) => findOutboxItem(device.database().read, mutationId)?.state
  const truth = () => truthOf(cloud.owner, people.auditor.id)
  /** In the middle of the first mirror, with the exchange under way at its end. */
  const pauseMirroring = async () => {
    engine.start()
    await expect.poll(() => engine.state().progress?.phase, patience).toBe('bootstrap')
    expect(engine.setPaused(true).pausedSince).toEqual(expect.any(String))
    await aWhile()
  }

  it('stands still in the middle, keeps what is there, and goes on from there', async () => {
    await pauseMirroring()
    const [asked, kept] = [network.calls.length, mirrorOf(device.database())]
    expect(kept).not.toEqual(await truth())
    await aWhile()
    expect(network.calls.length, 'calls while it is paused').toBe(asked)
    expect(mirrorOf(device.database())).toEqual(kept)
    expect(engine.state()).toMatchObject({ progress: { phase: 'bootstrap' }, lastError: null, retryAt: null })

    expect(engine.setPaused(false).pausedSince).toBeNull()
    await expect.poll(() => mirrorOf(device.database()), patience).toEqual(await truth())
    await expect.poll(() => engine.state().files, patience).toEqual({ present: 12, total: 12 })
  })

  it('holds what is decided meanwhile, and what would begin by itself; it is sent when the pause ends', async () => {
    engine.start()
    await engine.settled()
    engine.setPaused(true)
    const asked = network.calls.length
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(0)))
    engine.outboxChanged()
    engine.woke()
    await aWhile()
    expect(network.calls.length, 'calls while it is paused').toBe(asked)
    expect(stateOf(mutationId)).toBe('queued')
    expect(engine.state()).toMatchObject({ counts: { queued: 1 }, connection: { kind: 'online' } })
    engine.setPaused(false)
    await expect.poll(() => stateOf(mutationId), patience).toBe('applied')
  })

  it.each([
    ['now', () => engine.now()],
    ['a comparison', () => engine.checkCopy()],
  ])('ends when the person asks for %s', async (_what, ask) => {
    await pauseMirroring()
    expect(ask().pausedSince).toBeNull()
    await expect.poll(() => mirrorOf(device.database()), patience).toEqual(await truth())
  })

  it('gives up what it held when it is cancelled, and when the connection is switched off', async () => {
    await pauseMirroring()
    expect(engine.cancel()).toMatchObject({ pausedSince: null, progress: null })
    await engine.settled()
    expect(engine.state().lastError).toBeNull()
    engine.now()
    await expect.poll(() => engine.state().progress?.phase, patience).toBe('bootstrap')
    engine.setPaused(true)
    expect(engine.setOffline(true)).toMatchObject({ pausedSince: null, connection: { kind: 'switched_off' } })
    await engine.settled()
    engine.setOffline(false)
    await expect.poll(() => mirrorOf(device.database()), patience).toEqual(await truth())
  })

  it('ends with the program', async () => {
    await pauseMirroring()
    await engine.stop()
    engine = engineOf(device)
    engine.start()
    expect(engine.state().pausedSince).toBeNull()
    await engine.settled()
    expect(mirrorOf(device.database())).toEqual(await truth())
  })

  describe('and a large file', () => {
    const large = new Uint8Array(20_000_000).fill(7)
    large.set(new TextEncoder().encode('%PDF-1.7'))
    let files = 0
    const fate = () => {
      const { build, read } = device.database()
      return read.first(build.selectFrom('upload').select('state'))?.state
    }
    const isSent = (path: string) => path.includes('/upload/resumable')
    const isFetched = (path: string) => path.includes('/object/') && !path.includes('/paused-')
    /** Seen by its calls: what is shown may be the progress of something else. */
    const sendLarge = async () => {
      files += 1
      const objectPath = `${people.auditor.id}/paused-${String(files)}.pdf`
      await keepUpload(device, { bucket: 'verification-docs', objectPath }, large)
      engine.now()
      await expect.poll(() => network.calls.filter(isSent).length, { ...patience, interval: 5 }).toBeGreaterThan(1)
    }

    it('lets go of it on its way, and goes on with it later', async () => {
      engine.start()
      await engine.settled()
      await sendLarge()
      engine.setPaused(true)
      await engine.settled()
      expect(fate()).not.toBe('done')
      expect(engine.state()).toMatchObject({ lastError: null, pausedSince: expect.any(String) })
      engine.setPaused(false)
      await expect.poll(fate, patience).toBe('done')
    })

    it('lets go of it while evidence is fetched beside it', async () => {
      network.decide = (path) => (isFetched(path) ? { kind: 'half_open', delivered: false } : null)
      engine.start()
      await expect.poll(() => network.calls.some(isFetched), patience).toBe(true)
      await sendLarge()
      engine.setPaused(true)
      await engine.settled()
      expect(fate()).not.toBe('done')
      network.decide = () => null
      engine.setPaused(false)
      await expect.poll(fate, patience).toBe('done')
      await expect.poll(() => engine.state().files, patience).toEqual({ present: 12, total: 12 })
    })

    it('goes on at once when the pause ends before the file is let go of', async () => {
      engine.start()
      await engine.settled()
      await sendLarge()
      engine.setPaused(true)
      engine.setPaused(false)
      await expect.poll(fate, { timeout: 20_000 }).toBe('done')
      expect(engine.state()).toMatchObject({ lastError: null, retryAt: null })
    })
  })
})
