import { encode } from 'jpeg-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withExif } from '../../tools/demo-data/photo/exif.ts'
import { openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { readPhotoFacts } from './read-photo-facts.ts'
import { evidenceFileId, reader, type StoredEvidence, storeEvidence } from './testing.ts'

let workspace: TestWorkspace
let stored: StoredEvidence
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 1 })
  stored = storeEvidence(workspace)
})
afterEach(() => workspace.dispose())

const facts = () => readPhotoFacts(workspace.as(people.auditor), stored.source, reader, { evidenceFileId })

const plain = new Uint8Array(encode({ width: 16, height: 16, data: Buffer.alloc(16 * 16 * 4, 128) }, 80).data)

/** A photo that claims to be made 0.01 degrees north of the site of the fixture. */
const claiming = withExif(plain, {
  date: '2026-08-12',
  time: '10:14:05',
  offset: '+07:00',
  instant: '2026-08-12T03:14:05.000Z',
  latitude: -7.24,
  longitude: 112.75,
  make: 'Fairline',
  model: 'F5 Pro',
})

test('a photo claims its time with its zone, its place, its camera, and how far that is from the site', async () => {
  await stored.put('image/jpeg', claiming)
  const read = await facts()
  if (!read.ok) throw new Error(read.error.message)
  expect(read.value).toMatchObject({ claimedTakenAt: '2026-08-12T10:14:05+07:00', camera: 'Fairline F5 Pro' })
  expect(read.value.claimedLatitude).toBeCloseTo(-7.24, 5)
  expect(read.value.claimedLongitude).toBeCloseTo(112.75, 5)
  expect(read.value.distanceToSiteMeters).toBe(1112)
})

test('without a place of the site, or without the project, no distance is claimed', async () => {
  await stored.put('image/jpeg', claiming)
  workspace.database.write((handle) => handle.prepare('update project set latitude = null').run())
  expect(await facts()).toMatchObject({ ok: true, value: { distanceToSiteMeters: null, camera: 'Fairline F5 Pro' } })
  workspace.database.write((handle) => handle.prepare('delete from project').run())
  expect(await facts()).toMatchObject({ ok: true, value: { distanceToSiteMeters: null } })
})

test('a photo without metadata claims nothing', async () => {
  await stored.put('image/jpeg', plain)
  expect(await facts()).toMatchObject({
    ok: true,
    value: {
      claimedTakenAt: null,
      claimedLatitude: null,
      claimedLongitude: null,
      distanceToSiteMeters: null,
      camera: null,
    },
  })
})

test('a file that is no photo, whatever it says of itself, cannot be read, with what to do', async () => {
  for (const bytes of [Buffer.from('%PDF-1.7 not a photo'), Buffer.from(claiming.subarray(2)), Buffer.alloc(0)]) {
    await stored.put('image/jpeg', new Uint8Array(bytes))
    expect(await facts()).toMatchObject({
      ok: false,
      error: { code: 'file_unreadable', action: expect.stringContaining('Save the original') },
    })
  }
})

test('a photo whose metadata breaks off answers, and never with half a place', async () => {
  for (const length of [30, 80, 150, 250]) {
    await stored.put('image/jpeg', new Uint8Array(claiming.subarray(0, length)))
    const read = await facts()
    if (read.ok) expect(read.value.claimedLatitude === null).toBe(read.value.claimedLongitude === null)
    else expect(read.error.code).toBe('file_unreadable')
  }
})

test('a photo that the disk lost is missing, and one that was withdrawn is not found', async () => {
  await stored.put('image/jpeg', plain)
  await stored.lose()
  expect(await facts()).toMatchObject({ ok: false, error: { code: 'file_missing' } })
  workspace.database.write((handle) => handle.prepare("update evidence_file set deleted_at = '2026'").run())
  expect(await facts()).toMatchObject({ ok: false, error: { code: 'not_found' } })
})
