import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CloudFixture, cloudTestMilliseconds, people, startCloudFixture } from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'
import { keepUpload } from './testing/keep-upload.ts'
import { sendUploads } from './uploads.ts'

const never = new AbortController().signal

describe('files on their way to the cloud', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  const bytes = new TextEncoder().encode('%PDF-1.7 signed')
  const keep = (device: TestDevice, objectPath: string, contents = bytes) =>
    keepUpload(device, { bucket: 'verification-docs', objectPath }, contents)
  const states = (device: TestDevice) => {
    const { build, read } = device.database()
    return read.all(build.selectFrom('upload').select(['state', 'attempts']).orderBy('sequence'))
  }
  const stored = async (objectPath: string) => {
    const { rows } = await cloud.owner.query('select name from storage.objects where name = $1', [objectPath])
    return rows.length
  }

  it('arrive byte for byte', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const place = `${people.auditor.id}/one.pdf`
    await keep(device, place)
    expect(await sendUploads(device.context(), never)).toEqual({ ok: true, value: null })
    expect(states(device)).toEqual([{ state: 'done', attempts: 1 }])
    const back = await device.cloud.download({ bucket: 'verification-docs', objectPath: place, from: 0 })
    if (!back.ok) throw new Error(back.error.message)
    const chunks: Uint8Array[] = []
    for await (const chunk of back.value.chunks) chunks.push(chunk)
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(bytes))
    device.dispose()
  })

  it('fault 5: whose answer was lost are found there, and count as sent', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    const place = `${people.auditor.id}/two.pdf`
    await keep(device, place)
    network.decide = (path) => (path.includes('/object/') ? { kind: 'lose_answer' } : null)
    expect(await sendUploads(device.context(), never)).toMatchObject({ error: { code: 'cloud_unreachable' } })
    network.decide = () => null
    device.database().write((handle) => handle.prepare('update upload set next_attempt_at = null').run())
    expect(await sendUploads(device.context(), never)).toEqual({ ok: true, value: null })
    expect(states(device)).toEqual([{ state: 'done', attempts: 2 }])
    expect(await stored(place)).toBe(1)
    device.dispose()
  })

  it('never replace another file of the same name, and do not hold up the next one', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const place = `${people.auditor.id}/three.pdf`
    await keep(device, place, new TextEncoder().encode('%PDF-1.7 the first'))
    await keep(device, place, new TextEncoder().encode('%PDF-1.7 another'))
    await keep(device, `${people.auditor.id}/four.pdf`)
    expect(await sendUploads(device.context(), never)).toMatchObject({ ok: true, value: { code: 'conflict' } })
    expect(states(device).map(({ state }) => state)).toEqual(['done', 'refused', 'done'])
    device.dispose()
  })

  it('that the cloud does not let in are kept with the reason', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await keep(device, `${people.desk.id}/theirs.pdf`)
    expect(await sendUploads(device.context(), never)).toMatchObject({ ok: true, value: { code: 'not_allowed' } })
    const { build, read } = device.database()
    expect(read.first(build.selectFrom('upload').select(['state', 'last_error']))).toEqual({
      state: 'refused',
      last_error: expect.stringContaining('not_allowed'),
    })
    device.dispose()
  })
})
