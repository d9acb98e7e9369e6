import { randomUUID } from 'node:crypto'
import type { SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAuthUsers } from './auth-users.ts'
import { type LocalCloud, startLocalCloud } from './start-local-cloud.ts'
import { PEOPLE, TEST_SCHEMA } from './test-schema.ts'
import { connect, makeTemporaryFolder, SERVER_TEST_MS, signIn, writeMigrations } from './testing.ts'

const timeout = SERVER_TEST_MS
const { amina, bram } = PEOPLE

let folder: ReturnType<typeof makeTemporaryFolder>
let cloud: LocalCloud
let mine: SupabaseClient
let theirs: SupabaseClient

beforeAll(async () => {
  folder = makeTemporaryFolder()
  cloud = await startLocalCloud({
    dataDirectory: folder.path,
    durable: false,
    fileSizeLimit: 2 * 1024 * 1024,
    migrationsDirectory: writeMigrations(folder.path, TEST_SCHEMA),
    seed: async ({ client, putObject }) => {
      await createAuthUsers(client, [amina, bram])
      await putObject({
        bucket: 'documents',
        name: `${amina.id}/seeded.txt`,
        bytes: Buffer.from('from the seed'),
        mediaType: 'text/plain',
        owner: amina.id,
      })
    },
  })
  mine = await signIn(cloud, amina.email, amina.password)
  theirs = await signIn(cloud, bram.email, bram.password)
}, timeout)
afterAll(async () => {
  await cloud.stop()
  folder.remove()
})

/** A folder of its own for each test, inside the person's. */
let own: string
beforeEach(() => {
  own = `${amina.id}/${randomUUID()}`
})

const documents = (client: SupabaseClient = mine) => client.storage.from('documents')

const put = async (name: string, text: string): Promise<string> => {
  const { error } = await documents().upload(name, text, { contentType: 'text/plain' })
  if (error !== null) throw error
  return name
}

const read = async (name: string): Promise<string | undefined> => (await documents().download(name)).data?.text()

const download = async (route: string, name: string, headers: Record<string, string> = {}): Promise<Response> => {
  const { data } = await mine.auth.getSession()
  return fetch(`${cloud.url}/storage/v1/${route}/documents/${name}`, {
    headers: { apikey: cloud.publishableKey, authorization: `Bearer ${data.session?.access_token}`, ...headers },
  })
}

test.each([
  ['a string', 'weighbridge'],
  ['bytes', Buffer.from('weighbridge')],
  ['an array buffer', Uint8Array.from(Buffer.from('weighbridge')).buffer],
  ['a blob', new Blob(['weighbridge'], { type: 'text/plain' })],
  ['a stream', new Blob(['weighbridge']).stream()],
])('what is uploaded as %s is downloaded again', { timeout }, async (_form, body) => {
  const name = `${own}/ticket (1), north gate.txt`
  const uploaded = await documents().upload(name, body, { contentType: 'text/plain' })
  expect(uploaded.error).toBeNull()
  expect(uploaded.data).toMatchObject({ path: name, fullPath: `documents/${name}` })
  const downloaded = await documents().download(name)
  expect(await downloaded.data?.text()).toBe('weighbridge')
  expect(downloaded.data?.type).toContain('text/plain')
})

test('an empty file is a file', { timeout }, async () => {
  await put(`${own}/empty.txt`, '')
  expect(await read(`${own}/empty.txt`)).toBe('')
})

test('a seed can store files', { timeout }, async () => {
  expect(await read(`${amina.id}/seeded.txt`)).toBe('from the seed')
})

test("nobody reads, changes, removes, lists or signs another's files", { timeout }, async () => {
  const name = await put(`${own}/private.txt`, 'private')
  const missing = { statusCode: '404', code: 'NoSuchKey' }
  expect((await documents(theirs).download(name)).error).toMatchObject(missing)
  expect((await documents(theirs).info(name)).error).toMatchObject(missing)
  expect((await documents(theirs).createSignedUrl(name, 60)).error).toMatchObject(missing)
  expect((await documents(theirs).move(name, `${bram.id}/stolen.txt`)).error).toMatchObject(missing)
  expect((await documents(theirs).copy(name, `${bram.id}/stolen.txt`)).error).toMatchObject(missing)
  expect((await documents(theirs).list(own)).data).toEqual([])
  expect((await documents(theirs).remove([name])).data).toEqual([])
  const refused = { statusCode: '403', code: 'AccessDenied' }
  expect((await documents(theirs).upload(`${own}/planted.txt`, 'x')).error).toMatchObject(refused)
  expect((await documents(theirs).upload(name, 'x', { upsert: true })).error).toMatchObject(refused)
  expect((await documents(theirs).createSignedUploadUrl(`${own}/planted.txt`)).error).toMatchObject(refused)
  expect(await read(name)).toBe('private')
})

test('somebody who is not signed in gets nothing', { timeout }, async () => {
  const name = await put(`${own}/private.txt`, 'private')
  const nobody = documents(connect(cloud))
  expect((await nobody.download(name)).error).toMatchObject({ statusCode: '404' })
  expect((await nobody.upload(`${own}/x.txt`, 'x')).error).toMatchObject({ statusCode: '403' })
  expect((await nobody.list(own)).data).toEqual([])
  const open = await fetch(`${cloud.url}/storage/v1/object/public/documents/${name}`)
  expect(await open.json()).toMatchObject({ statusCode: '404' })
})

test('a name is used once unless replacing is asked for', { timeout }, async () => {
  const name = await put(`${own}/report.txt`, 'first')
  expect((await documents().upload(name, 'second')).error).toMatchObject({ statusCode: '409' })
  expect(await read(name)).toBe('first')
  const before = (await documents().info(name)).data
  expect((await documents().upload(name, 'second', { upsert: true })).data?.id).toBe(before?.id)
  expect(await read(name)).toBe('second')
  await documents().update(name, 'third')
  expect(await read(name)).toBe('third')
})

test.each(['object', 'object/authenticated'])('%s answers a range with that part', { timeout }, async (route) => {
  const name = await put(`${own}/long.txt`, '0123456789')
  const middle = await download(route, name, { range: 'bytes=2-4' })
  expect([middle.status, await middle.text(), middle.headers.get('content-range')]).toEqual([
    206,
    '234',
    'bytes 2-4/10',
  ])
  const end = await download(route, name, { range: 'bytes=7-' })
  expect([end.status, await end.text()]).toEqual([206, '789'])
  const beyond = await download(route, name, { range: 'bytes=10-' })
  expect(beyond.status).toBe(416)
  const whole = await download(route, name)
  expect([whole.status, whole.headers.get('accept-ranges'), await whole.text()]).toEqual([200, 'bytes', '0123456789'])
})

test('a file that has not changed is not sent again', { timeout }, async () => {
  const name = await put(`${own}/same.txt`, 'same')
  const first = await download('object', name)
  await first.text()
  const second = await download('object', name, { 'if-none-match': first.headers.get('etag') ?? '' })
  expect(second.status).toBe(304)
})

test('a signed URL gives its file, in ranges too, to anybody until it expires', { timeout }, async () => {
  const name = await put(`${own}/shared file.txt`, 'shared')
  const { data } = await documents().createSignedUrl(name, 60, { download: 'certificate.txt' })
  const url = data?.signedUrl ?? ''
  const response = await fetch(url, { headers: { range: 'bytes=1-2' } })
  expect([response.status, await response.text()]).toEqual([206, 'ha'])
  expect(response.headers.get('content-disposition')).toContain('certificate.txt')
  const short = await documents().createSignedUrl(name, 1)
  await expect
    .poll(async () => (await fetch(short.data?.signedUrl ?? '')).status, { timeout: 10_000, interval: 200 })
    .toBe(400)
  const other = await put(`${own}/other.txt`, 'other')
  const moved = url.replace(encodeURI(name), other)
  expect(moved).not.toBe(url)
  expect(await (await fetch(moved)).json()).toMatchObject({ code: 'InvalidSignature' })
})

test('many URLs are signed at once, with an error for what is not there', { timeout }, async () => {
  const name = await put(`${own}/one.txt`, 'one')
  const { data } = await documents().createSignedUrls([name, `${own}/none.txt`], 60)
  expect(data?.map((entry) => [entry.path, entry.error === null])).toEqual([
    [name, true],
    [`${own}/none.txt`, false],
  ])
  expect(await (await fetch(data?.[0]?.signedUrl ?? '')).text()).toBe('one')
})

test('a signed upload URL takes one file for the person who made it', { timeout }, async () => {
  const name = `${own}/handed over.txt`
  const { data, error } = await documents().createSignedUploadUrl(name)
  expect(error).toBeNull()
  const token = data?.token ?? ''
  const first = await documents(connect(cloud)).uploadToSignedUrl(name, token, new Blob(['by a guest']))
  expect(first.error).toBeNull()
  expect(await read(name)).toBe('by a guest')
  const again = await documents(connect(cloud)).uploadToSignedUrl(name, token, 'again')
  expect(again.error).toMatchObject({ statusCode: '409' })
  const elsewhere = await documents(connect(cloud)).uploadToSignedUrl(`${own}/elsewhere.txt`, token, 'x')
  expect(elsewhere.error).toMatchObject({ code: 'InvalidSignature' })
})

test('a folder lists its files by their last name, and its folders without an id', { timeout }, async () => {
  for (const name of ['b.txt', 'a.txt', 'sub/c.txt', 'sub/d.txt']) await put(`${own}/${name}`, name)
  const { data } = await documents().list(own)
  expect(data?.map((entry) => [entry.name, entry.id === null])).toEqual([
    ['a.txt', false],
    ['b.txt', false],
    ['sub', true],
  ])
  expect(data?.[0]?.metadata).toMatchObject({ size: 5, mimetype: 'text/plain' })
  const page = await documents().list(own, { limit: 1, offset: 1, sortBy: { column: 'name', order: 'desc' } })
  expect(page.data?.map((entry) => entry.name)).toEqual(['b.txt'])
  const found = await documents().list(`${own}/sub`, { search: 'D' })
  expect(found.data?.map((entry) => entry.name)).toEqual(['d.txt'])
})

test('a file is moved, copied, described and removed', { timeout }, async () => {
  const name = await put(`${own}/first.txt`, 'content')
  expect((await documents().move(name, `${own}/second.txt`)).error).toBeNull()
  expect((await documents().copy(`${own}/second.txt`, `${own}/third.txt`)).data?.path).toBe(
    `documents/${own}/third.txt`,
  )
  expect(await read(`${own}/third.txt`)).toBe('content')
  expect((await documents().info(`${own}/third.txt`)).data).toMatchObject({ size: 7, contentType: 'text/plain' })
  expect((await documents().exists(name)).data).toBe(false)
  expect((await documents().exists(`${own}/second.txt`)).data).toBe(true)
  const removed = await documents().remove([`${own}/second.txt`, `${own}/never.txt`])
  expect(removed.data?.map((entry) => entry.name)).toEqual([`${own}/second.txt`])
  expect((await documents().exists(`${own}/second.txt`)).data).toBe(false)
  expect(await read(`${own}/third.txt`)).toBe('content')
})

test('metadata of the uploader is kept with the file', { timeout }, async () => {
  const metadata = { sha256: 'abc', captured: '2026-11-20' }
  await documents().upload(`${own}/a.txt`, 'a', { metadata })
  await documents().upload(`${own}/b.txt`, new Blob(['b']), { metadata })
  expect((await documents().info(`${own}/a.txt`)).data?.metadata).toEqual(metadata)
  expect((await documents().info(`${own}/b.txt`)).data?.metadata).toEqual(metadata)
})

test.each([
  ['documents', 1024 * 1024 + 1],
  ['photos', 2 * 1024 * 1024 + 1],
])('a file over the limit of %s is refused in every form', { timeout }, async (bucket, size) => {
  const body = new Uint8Array(size)
  for (const form of [body, new Blob([body], { type: 'image/png' })]) {
    const { error } = await mine.storage.from(bucket).upload(`${own}/big.png`, form, { contentType: 'image/png' })
    expect(error).toMatchObject({ statusCode: '413', code: 'EntityTooLarge' })
  }
})

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])

test('a file whose bytes are not of its type is refused, whatever its name says', { timeout }, async () => {
  const photos = mine.storage.from('photos')
  for (const content of ['<html><script>alert(1)</script>', '%PDF-1.7 no picture', Uint8Array.from([0x4d, 0x5a, 0x90])])
    for (const form of [content, new Blob([content], { type: 'image/png' })]) {
      const { error } = await photos.upload(`${own}/photo.png`, form, { contentType: 'image/png' })
      expect(error).toMatchObject({ statusCode: '415', message: 'the content of the file is not image/png' })
    }
  expect((await photos.upload(`${own}/photo.png`, png, { contentType: 'image/png' })).error).toBeNull()
  const signed = await photos.createSignedUploadUrl(`${own}/signed.png`)
  const { path, token } = signed.data ?? { path: '', token: '' }
  expect((await photos.uploadToSignedUrl(path, token, 'no picture', { contentType: 'image/png' })).error).not.toBeNull()
})

test('a type that the bucket does not take is refused', { timeout }, async () => {
  const photos = mine.storage.from('photos')
  expect((await photos.upload(`${own}/a.png`, png, { contentType: 'image/png' })).error).toBeNull()
  expect((await photos.upload(`${own}/a.html`, 'html', { contentType: 'text/html' })).error).toMatchObject({
    statusCode: '415',
  })
})

test('a bucket that is not there and a name that cannot be are said', { timeout }, async () => {
  expect((await mine.storage.from('nowhere').upload('a', 'a')).error).toMatchObject({ code: 'NoSuchBucket' })
  for (const name of [`${own}/größe.txt`, `${own}/a~b.txt`, `${own}/${'x'.repeat(1100)}`]) {
    expect((await documents().upload(name, 'x')).error).toMatchObject({ code: 'InvalidKey' })
  }
})

test('two uploads of one name at once leave one whole file', { timeout }, async () => {
  const name = `${own}/race.txt`
  const answers = await Promise.all(
    ['first', 'second', 'third'].map((text) => documents().upload(name, text.repeat(1000))),
  )
  expect(answers.filter((answer) => answer.error === null)).toHaveLength(1)
  expect(await read(name)).toMatch(/^(?:(?:first)+|(?:second)+|(?:third)+)$/)
})
