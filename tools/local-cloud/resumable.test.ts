import { randomUUID } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthUsers } from './auth-users.ts'
import { type LocalCloud, startLocalCloud } from './start-local-cloud.ts'
import { PEOPLE, TEST_SCHEMA } from './test-schema.ts'
import { makeTemporaryFolder, SERVER_TEST_MS, signIn, writeMigrations } from './testing.ts'

const timeout = SERVER_TEST_MS
const { amina, bram } = PEOPLE

let folder: ReturnType<typeof makeTemporaryFolder>
let cloud: LocalCloud
const tokens = new Map<string, string>()

const start = async () => {
  cloud = await startLocalCloud({
    dataDirectory: folder.path,
    durable: false,
    fileSizeLimit: 2 * 1024 * 1024,
    migrationsDirectory: writeMigrations(folder.path, TEST_SCHEMA),
    seed: ({ client }) => createAuthUsers(client, [amina, bram]),
  })
  for (const { email, password } of [amina, bram]) {
    const { data } = await (await signIn(cloud, email, password)).auth.getSession()
    tokens.set(email, data.session?.access_token ?? '')
  }
}

beforeAll(async () => {
  folder = makeTemporaryFolder()
  await start()
}, timeout)
afterAll(async () => {
  await cloud.stop()
  folder.remove()
})

const headersOf = (who: { readonly email: string }, more: Readonly<Record<string, string>> = {}) => ({
  apikey: cloud.publishableKey,
  authorization: `Bearer ${tokens.get(who.email) ?? ''}`,
  'tus-resumable': '1.0.0',
  ...more,
})
const base64 = (text: string) => Buffer.from(text).toString('base64')
const begin = (
  who: { readonly email: string },
  name: string,
  length: number,
  type = 'text/plain',
  bucket = 'documents',
) =>
  fetch(`${cloud.url}/storage/v1/upload/resumable`, {
    method: 'POST',
    headers: headersOf(who, {
      'upload-length': String(length),
      'upload-metadata': `bucketName ${base64(bucket)},objectName ${base64(name)},contentType ${base64(type)}`,
    }),
  })
const placeOf = (answer: Response) => new URL(answer.headers.get('location') ?? '', cloud.url).pathname
const send = (place: string, offset: number, body: string, who: { readonly email: string } = amina) =>
  fetch(`${cloud.url}${place}`, {
    method: 'PATCH',
    headers: headersOf(who, { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) }),
    body,
  })
const offsetOf = async (place: string) => {
  const answer = await fetch(`${cloud.url}${place}`, { method: 'HEAD', headers: headersOf(amina) })
  return answer.status === 200 ? Number(answer.headers.get('upload-offset')) : null
}
const read = async (name: string) => {
  const mine = await signIn(cloud, amina.email, amina.password)
  return (await mine.storage.from('documents').download(name)).data?.text()
}

test('a file arrives in pieces and is there when the last one is', { timeout }, async () => {
  const name = `${amina.id}/${randomUUID()}/ticket (1).txt`
  const begun = await begin(amina, name, 10)
  expect(begun.status).toBe(201)
  const place = placeOf(begun)
  const first = await send(place, 0, '01234')
  expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '5'])
  expect(await offsetOf(place)).toBe(5)
  expect(await read(name)).toBeUndefined()
  expect((await send(place, 5, '56789')).headers.get('upload-offset')).toBe('10')
  expect(await read(name)).toBe('0123456789')
  expect(await offsetOf(place)).toBeNull()
})

test('what arrived before the line went dead is kept, also over a restart of the cloud', { timeout }, async () => {
  const name = `${amina.id}/${randomUUID()}/long.txt`
  const place = placeOf(await begin(amina, name, 10))
  const lines = [
    `PATCH ${place} HTTP/1.1`,
    `Host: ${new URL(cloud.url).host}`,
    ...Object.entries(headersOf(amina)).map(([key, value]) => `${key}: ${value}`),
    'Content-Type: application/offset+octet-stream',
    'Upload-Offset: 0',
    'Content-Length: 10',
    '',
    '0123',
  ]
  await new Promise<void>((resolve) => {
    const socket = connectSocket(Number(new URL(cloud.url).port), '127.0.0.1', () => {
      socket.write(lines.join('\r\n'))
      setTimeout(() => socket.destroy(), 300)
    })
    socket.on('close', () => resolve())
  })
  await expect.poll(() => offsetOf(place), { timeout: 10_000 }).toBe(4)
  await cloud.stop()
  await start()
  expect(await offsetOf(place)).toBe(4)
  expect((await send(place, 4, '456789')).status).toBe(204)
  expect(await read(name)).toBe('0123456789')
})

test('a piece for another place is refused, and nothing moves', { timeout }, async () => {
  const place = placeOf(await begin(amina, `${amina.id}/${randomUUID()}/a.txt`, 10))
  expect((await send(place, 3, 'xyz')).status).toBe(409)
  expect((await send(place, 0, 'more than the ten bytes')).status).toBe(413)
  expect(await offsetOf(place)).toBe(0)
})

test('the policies are asked at the beginning and with every piece', { timeout }, async () => {
  const name = `${amina.id}/${randomUUID()}/a.txt`
  expect((await begin(bram, name, 10)).status).toBe(403)
  const place = placeOf(await begin(amina, name, 10))
  expect((await send(place, 0, '0123456789', bram)).status).toBe(403)
  expect(await offsetOf(place)).toBe(0)
})

test('caps, types and names are those of ordinary uploads', { timeout }, async () => {
  const name = `${amina.id}/${randomUUID()}`
  expect((await begin(amina, `${name}/big.txt`, 1024 * 1024 + 1)).status).toBe(413)
  expect((await begin(amina, `${name}/a.html`, 4, 'text/html', 'photos')).status).toBe(415)
  expect((await begin(amina, `${name}/größe.txt`, 4)).status).toBe(400)
  expect((await begin(amina, `${name}/a.txt`, 4, 'text/plain', 'nowhere')).status).toBe(404)
  const disguised = placeOf(await begin(amina, `${name}/photo.png`, 4, 'image/png', 'photos'))
  expect((await send(disguised, 0, 'html')).status).toBe(415)
})

test('a name that is taken is said at the beginning, or at the end if it is taken meanwhile', { timeout }, async () => {
  const name = `${amina.id}/${randomUUID()}/a.txt`
  const [first, second] = [placeOf(await begin(amina, name, 5)), placeOf(await begin(amina, name, 6))]
  expect((await send(first, 0, 'first')).status).toBe(204)
  expect((await send(second, 0, 'second')).status).toBe(409)
  expect((await begin(amina, name, 5)).status).toBe(409)
  expect(await read(name)).toBe('first')
})

test('an upload is given up on request, and another protocol is not understood', { timeout }, async () => {
  const place = placeOf(await begin(amina, `${amina.id}/${randomUUID()}/a.txt`, 5))
  const old = await fetch(`${cloud.url}${place}`, {
    method: 'HEAD',
    headers: headersOf(amina, { 'tus-resumable': '0.2' }),
  })
  expect(old.status).toBe(412)
  expect((await fetch(`${cloud.url}${place}`, { method: 'DELETE', headers: headersOf(amina) })).status).toBe(204)
  expect(await offsetOf(place)).toBeNull()
})
