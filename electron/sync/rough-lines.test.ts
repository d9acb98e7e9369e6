import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CloudClient, createCloudClient } from '../cloud/cloud-client.ts'
import type { UploadProgress } from '../cloud/upload-request.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { createEvidenceFiles, type EvidenceFiles } from './evidence-files.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  evidenceBytes,
  people,
  startCloudFixture,
} from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { keepUpload } from './testing/keep-upload.ts'
import { openRoughLine, type RoughLine } from './testing/rough-line.ts'
import { sendUploads } from './uploads.ts'

const never = new AbortController().signal
const megabyte = 1_000_000
/** Three pieces, the last one short. */
const large = Buffer.concat([Buffer.from('%PDF-1.7 '), randomBytes(14 * megabyte)])
const bucket = 'verification-docs'

describe('slow and lossy links', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let device: TestDevice
  let line: RoughLine
  let overLine: CloudClient
  let files = 0
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(async () => {
    device = await openTestDevice(cloud.profile, people.auditor)
    line = await openRoughLine(cloud.profile.url)
    overLine = createCloudClient({
      ...cloud.profile,
      url: line.url,
      clock: device.clock,
      tokens: device.tokens,
      timeoutMilliseconds: 6_000,
      stallMilliseconds: 1_000,
    })
  })
  afterEach(async () => {
    await line.stop()
    device.dispose()
  })

  const keep = async (contents: Uint8Array = large): Promise<string> => {
    files += 1
    const objectPath = `${people.auditor.id}/large-${String(files)}.pdf`
    await keepUpload(device, { bucket, objectPath }, contents)
    return objectPath
  }
  const upload = () => {
    const { build, read } = device.database()
    const columns = ['state', 'attempts', 'resume_path', 'sent_bytes', 'next_attempt_at'] as const
    return read.first(build.selectFrom('upload').select(columns))
  }
  const send = (signal = never, through = overLine) => sendUploads(device.context({ cloud: through }), signal)
  const dueNow = () =>
    device.database().write((handle) => handle.prepare('update upload set next_attempt_at = null').run())
  const stored = async (objectPath: string): Promise<Buffer | null> => {
    const download = await device.cloud.download({ bucket, objectPath, from: 0 })
    if (!download.ok) return null
    const chunks: Uint8Array[] = []
    for await (const chunk of download.value.chunks) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const sha = async (objectPath: string) => {
    const bytes = await stored(objectPath)
    return bytes === null ? null : sha256Hex(bytes)
  }

  it('a large file goes up in pieces, and what lies there is read back', async () => {
    const place = await keep()
    expect(await send()).toEqual({ ok: true, value: null })
    expect(upload()).toMatchObject({ state: 'done', resume_path: null, sent_bytes: large.length })
    expect(await sha(place)).toBe(sha256Hex(large))
    expect(line.carried().down).toBeGreaterThan(large.length)
    const shown = device.progress.filter(({ label }) => label.includes('large')).map(({ done }) => done)
    expect(new Set(shown).size).toBeGreaterThan(10)
    expect(device.progress.at(-1)).toMatchObject({ done: 14, total: 14 })
  })

  it('a line that is cut again and again carries it in the end, and little of it twice', async () => {
    const place = await keep()
    line.up.cutAfter = 2 * megabyte
    expect(await send()).toEqual({ ok: true, value: null })
    expect(await sha(place)).toBe(sha256Hex(large))
    expect(upload()).toMatchObject({ state: 'done', attempts: 1 })
    expect(line.carried().up).toBeLessThan(large.length * 1.3)
  })

  it('a line that stands still is given up in time, and the rest goes when it moves again', async () => {
    const place = await keep()
    line.up.stallAfter = 3 * megabyte
    // Each try gets a little further until the line is dead altogether.
    setTimeout(() => {
      line.up.stallAfter = 0
    }, 2_500)
    const started = performance.now()
    expect(await send()).toMatchObject({ error: { code: 'cloud_unreachable' } })
    expect(performance.now() - started).toBeLessThan(60_000)
    const before = upload()
    expect(before).toMatchObject({ state: 'ready', resume_path: expect.stringMatching(/^upload\/resumable\//) })
    expect(before?.sent_bytes).toBeGreaterThan(0)
    device.restart()
    line.up.stallAfter = null
    line.carried()
    dueNow()
    expect(await send()).toEqual({ ok: true, value: null })
    expect(await sha(place)).toBe(sha256Hex(large))
    expect(line.carried().up).toBeLessThan(large.length - (before?.sent_bytes ?? 0) + megabyte)
  })

  it('fault 4: a program killed in the middle goes on where it was', async () => {
    const place = await keep()
    const killed: CloudClient = {
      ...overLine,
      upload: (request) =>
        overLine.upload({
          ...request,
          onProgress(progress: UploadProgress) {
            request.onProgress(progress)
            if (progress.arrived > 0) throw new Error('killed')
          },
        }),
    }
    await expect(send(never, killed)).rejects.toThrow('killed')
    device.restart()
    expect(upload()).toMatchObject({ state: 'sending', sent_bytes: 6 * 1024 * 1024 })
    line.carried()
    expect(await send()).toEqual({ ok: true, value: null })
    expect(line.carried().up).toBeLessThan(large.length - 5 * megabyte)
    expect(await sha(place)).toBe(sha256Hex(large))
  })

  it('a slow line is no broken line', async () => {
    const place = await keep()
    line.up.bytesPerSecond = 4 * megabyte
    expect(await send()).toEqual({ ok: true, value: null })
    expect(upload()).toMatchObject({ state: 'done', attempts: 1 })
    expect(await sha(place)).toBe(sha256Hex(large))
    // A busy machine may let one piece stand still for long enough to be sent again.
    expect(line.carried().up).toBeLessThan(large.length * 1.3)
  })

  it('a transfer that is cancelled ends at once and loses nothing', async () => {
    const place = await keep()
    line.up.bytesPerSecond = 3 * megabyte
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 3_000)
    expect(await send(abort.signal)).toMatchObject({ error: { code: 'cancelled' } })
    expect(upload()).toMatchObject({ state: 'ready' })
    line.up.bytesPerSecond = null
    dueNow()
    expect(await send()).toEqual({ ok: true, value: null })
    expect(await sha(place)).toBe(sha256Hex(large))
  })

  it('an upload that the cloud has forgotten is begun again', async () => {
    const place = await keep()
    device
      .database()
      .write((handle) =>
        handle.prepare("update upload set resume_path = 'upload/resumable/Z29uZS9h', sent_bytes = 9").run(),
      )
    expect(await send()).toEqual({ ok: true, value: null })
    expect(await sha(place)).toBe(sha256Hex(large))
  })

  it('fault 5: the last answer is lost, and the file counts as sent', async () => {
    const place = await keep()
    expect(await send()).toEqual({ ok: true, value: null })
    device
      .database()
      .write((handle) =>
        handle.prepare("update upload set state = 'sending', resume_path = 'upload/resumable/Z29uZS9h'").run(),
      )
    expect(await send()).toEqual({ ok: true, value: null })
    expect(upload()).toMatchObject({ state: 'done' })
    expect(await sha(place)).toBe(sha256Hex(large))
  })

  it('fault 19: what arrived is not what was sent, and it is said', async () => {
    const other = Buffer.from(large)
    other.writeUInt8(other.readUInt8(9_000_000) ^ 1, 9_000_000)
    const answer = await overLine.upload({
      bucket,
      objectPath: `${people.auditor.id}/altered.pdf`,
      mediaType: 'application/pdf',
      byteSize: large.length,
      sha256: sha256Hex(large),
      read: async (start, end) => ({ ok: true, value: other.subarray(start, end) }),
      resumePath: null,
      onPlace: () => {},
      onProgress: () => {},
    })
    expect(answer).toMatchObject({ error: { code: 'conflict' } })
  })

  it('more than the cloud takes is refused before a byte of it is sent', async () => {
    await keep(Buffer.concat([large, large, large, large]))
    expect(await send()).toMatchObject({ ok: true, value: { code: 'file_too_large' } })
    expect(upload()).toMatchObject({ state: 'refused' })
    expect(line.carried().up).toBeLessThan(100_000)
  })

  const evidence = (): EvidenceFiles =>
    createEvidenceFiles({ context: device.context({ cloud: overLine }), mayFetch: () => true, onArrived: () => {} })
  const first = sha256Hex(evidenceBytes(0))

  it('fault 19: evidence over a line that is cut comes whole, each try further than the one before', async () => {
    await device.sync()
    line.down.cutAfter = 100_000
    const received: number[] = []
    for (let tries = 0; tries < 10; tries += 1) {
      const answer = await evidence().ensure(first)
      if (answer.ok) break
      expect(answer).toMatchObject({ error: { code: 'cloud_unreachable' } })
      const { build, read } = device.database()
      received.push(
        ...read.column<number>(build.selectFrom('stored_file').select('received_bytes').where('sha256', '=', first)),
      )
    }
    expect(received.length).toBeGreaterThan(1)
    expect(received).toEqual([...new Set(received)].sort((one, other) => one - other))
    expect(await device.vault.readAll(first, 1e9)).toEqual({ ok: true, value: evidenceBytes(0) })
  })

  it('evidence over a line that stands still is given up in time and goes on from there', async () => {
    await device.sync()
    line.down.stallAfter = 300_000
    const started = performance.now()
    expect(await evidence().ensure(first)).toMatchObject({ error: { code: 'cloud_unreachable' } })
    expect(performance.now() - started).toBeLessThan(15_000)
    line.down.stallAfter = null
    line.carried()
    expect(await evidence().ensure(first)).toMatchObject({ ok: true })
    expect(line.carried().down).toBeLessThan(350_000)
    expect(await device.vault.readAll(first, 1e9)).toEqual({ ok: true, value: evidenceBytes(0) })
  })
})
