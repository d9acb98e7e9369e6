import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { createCloudClient } from '../cloud/cloud-client.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { createEvidenceFiles, type EvidenceFiles } from './evidence-files.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  evidenceBytes,
  people,
  rows,
  startCloudFixture,
} from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

describe('files of evidence', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  const filesOf = (device: TestDevice, online = true): EvidenceFiles =>
    createEvidenceFiles({ context: device.context(), mayFetch: () => online, onArrived: () => {} })
  const nameOf = (number: number) => sha256Hex(evidenceBytes(number))
  const noted = (device: TestDevice, sha256: Sha256) => {
    const { build, read } = device.database()
    return read.first(
      build.selectFrom('stored_file').select(['state', 'received_bytes', 'problem']).where('sha256', '=', sha256),
    )
  }
  const never = new AbortController().signal

  it('come for assigned batches by themselves, whole and checked', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const files = filesOf(device)
    expect(files.counts()).toEqual({ present: 0, total: 12 })
    expect(await files.prefetch(never)).toEqual({ ok: true, value: undefined })
    expect(files.counts()).toEqual({ present: 12, total: 12 })
    expect(await device.vault.readAll(nameOf(0), 1e9)).toEqual({ ok: true, value: evidenceBytes(0) })
    expect(noted(device, nameOf(0))).toEqual({ state: 'present', received_bytes: 500_000, problem: null })
    device.dispose()
  })

  it('that are due first come first', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    network.calls.length = 0
    await filesOf(device).prefetch(never)
    const order = network.calls.filter((call) => call.includes('/object/')).map((call) => path.basename(call, '.pdf'))
    // Files 0 and 10 are of batch 0, which is due first; two at a time may change places.
    expect(order.slice(0, 2).sort()).toEqual([rows.evidence(0), rows.evidence(10)])
    expect(order).toHaveLength(12)
    device.dispose()
  })

  it('fault 19: a transfer that breaks off goes on where it stopped, also after a restart', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const breaking: typeof fetch = async (input, init) => {
      const answer = await network.fetch(input, init)
      const half = (await answer.arrayBuffer()).slice(0, 200_000)
      let sent = false
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent) controller.error(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
          else controller.enqueue(new Uint8Array(half))
          sent = true
        },
      })
      return new Response(body, { status: answer.status, headers: answer.headers })
    }
    const broken = await openTestDevice(cloud.profile, people.auditor)
    const breakingCloud = createCloudClient({
      ...cloud.profile,
      clock: device.clock,
      tokens: broken.tokens,
      fetch: (input, init) => (String(input).includes('/storage/') ? breaking(input, init) : fetch(input, init)),
    })
    const firstTry = createEvidenceFiles({
      context: device.context({ cloud: breakingCloud }),
      mayFetch: () => true,
      onArrived: () => {},
    })
    expect(await firstTry.ensure(nameOf(0))).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    expect(noted(device, nameOf(0))).toMatchObject({ state: 'partial', received_bytes: 3 * 65_536 })
    device.restart()
    const ranges: (string | null)[] = []
    const watched = createCloudClient({
      ...cloud.profile,
      clock: device.clock,
      tokens: device.tokens,
      fetch: (input, init) => {
        if (String(input).includes('/storage/')) ranges.push(new Headers(init?.headers).get('range'))
        return fetch(input, init)
      },
    })
    const secondTry = createEvidenceFiles({
      context: device.context({ cloud: watched }),
      mayFetch: () => true,
      onArrived: () => {},
    })
    expect(await secondTry.ensure(nameOf(0))).toEqual({ ok: true, value: { byteSize: 500_000 } })
    expect(ranges).toEqual(['bytes=196608-'])
    expect(await device.vault.readAll(nameOf(0), 1e9)).toEqual({ ok: true, value: evidenceBytes(0) })
    device.dispose()
    broken.dispose()
  })

  it('fault 19: a file that is not the one the register names is not kept, and says so', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const files = filesOf(device)
    network.decide = (call) =>
      call.includes(rows.evidence(1))
        ? { kind: 'answer', status: 200, body: 'x'.repeat(1001), contentType: 'application/pdf' }
        : null
    expect(await files.prefetch(never)).toEqual({ ok: true, value: undefined })
    expect(noted(device, nameOf(1))).toMatchObject({ state: 'altered', problem: expect.any(String) })
    expect(files.counts()).toEqual({ present: 11, total: 12 })
    // It is not asked for over and over, but opening it tries once more.
    network.calls.length = 0
    await files.prefetch(never)
    expect(network.calls).toEqual([])
    network.decide = () => null
    expect((await files.ensure(nameOf(1))).ok).toBe(true)
    expect(noted(device, nameOf(1))).toMatchObject({ state: 'present', problem: null })
    device.dispose()
  })

  it('fault 19: that were changed on this disk are fetched again when they are opened', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const files = filesOf(device)
    await files.ensure(nameOf(2))
    const onDisk = path.join(device.folder, 'vault', nameOf(2).slice(0, 2), nameOf(2))
    const bytes = readFileSync(onDisk)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(onDisk, bytes)
    expect(await device.vault.readAll(nameOf(2), 1e9)).toMatchObject({ error: { code: 'file_altered' } })
    files.noteAltered(nameOf(2))
    expect(noted(device, nameOf(2))).toMatchObject({ state: 'altered' })
    expect((await files.ensure(nameOf(2))).ok).toBe(true)
    expect(await device.vault.readAll(nameOf(2), 1e9)).toEqual({ ok: true, value: evidenceBytes(2) })
    device.dispose()
  })

  it('say plainly that they are not here when there is no network, and open when they are', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    await filesOf(device).ensure(nameOf(3))
    const offline = filesOf(device, false)
    expect(await offline.ensure(nameOf(3))).toEqual({ ok: true, value: { byteSize: 1003 } })
    expect(await offline.ensure(nameOf(4))).toMatchObject({ error: { code: 'offline' } })
    expect(await offline.ensure('0'.repeat(64) as string as Sha256)).toMatchObject({ error: { code: 'not_found' } })
    device.dispose()
  })

  it('that two ask for at the same time come once', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const files = filesOf(device)
    network.calls.length = 0
    const answers = await Promise.all([files.ensure(nameOf(5)), files.ensure(nameOf(5))])
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(network.calls.filter((call) => call.includes('/object/'))).toHaveLength(1)
    device.dispose()
  })
})
