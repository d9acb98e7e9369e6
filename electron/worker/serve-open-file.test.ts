import { afterEach, expect, test } from 'vitest'
import { bytesInMemory, createOpenFiles, type FileBytes, type OpenFiles } from './open-files.ts'
import { serveOpenFile } from './serve-open-file.ts'
import type { WorkerClient } from './worker-client.ts'

const chunk = 1024 * 1024

/** What was asked of the thread, as ranges. */
let reads: string[] = []
afterEach(() => {
  reads = []
})

/** The thread's files without the thread between. */
const clientOf = (files: OpenFiles): WorkerClient => ({
  channel: () => Promise.reject(new Error('Not asked for')),
  describeFile: async (token) => files.describe(token),
  readFile: (token, start, end) => {
    reads.push(`${start}-${end}`)
    return files.read(token, start, end)
  },
  woke: () => {},
  shutdown: async () => undefined,
})

const bytes = Uint8Array.from({ length: 2 * chunk + 10 }, (_, index) => index % 251)

function opened(content: FileBytes = bytesInMemory(bytes), fileName = 'ticket.pdf') {
  const files = createOpenFiles()
  const { url } = files.open('a', { mediaType: 'application/pdf', fileName }, content)
  const token = url.replace('evidence/', '')
  const serve = (range: { readonly start: number; readonly end: number | null } | null) =>
    serveOpenFile(clientOf(files), { token, range })
  return { files, token, serve }
}

const bodyOf = async (answer: Awaited<ReturnType<typeof serveOpenFile>>): Promise<Uint8Array> =>
  new Uint8Array(await new Response(answer.body as ReadableStream).arrayBuffer())

test('a whole file comes chunk by chunk, with its type and length', async () => {
  const answer = await opened().serve(null)
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/pdf', 'content-length': String(bytes.byteLength) },
  })
  expect(await bodyOf(answer)).toEqual(bytes)
  expect(reads).toEqual([`0-${chunk}`, `${chunk}-${2 * chunk}`, `${2 * chunk}-${bytes.byteLength}`])
})

test.each([
  ['of a few bytes', { start: 2, end: 4 }, 2, 5],
  ['of one byte', { start: 0, end: 0 }, 0, 1],
  ['without an end', { start: chunk, end: null }, chunk, bytes.byteLength],
  ['past the end', { start: bytes.byteLength - 3, end: 9e12 }, bytes.byteLength - 3, bytes.byteLength],
])('a range %s is answered with exactly its bytes', async (_, range, from, to) => {
  const answer = await opened().serve(range)
  expect(answer).toMatchObject({
    status: 206,
    headers: {
      'content-length': String(to - from),
      'content-range': `bytes ${from}-${to - 1}/${bytes.byteLength}`,
    },
  })
  expect(await bodyOf(answer)).toEqual(bytes.slice(from, to))
})

test('a range that begins behind the end is refused with the length of the file', async () => {
  for (const start of [bytes.byteLength, 9e12])
    expect(await opened().serve({ start, end: null })).toEqual({
      status: 416,
      headers: { 'content-range': `bytes */${bytes.byteLength}` },
      body: null,
    })
  expect(reads).toEqual([])
})

test('an empty file has no body and no range', async () => {
  const { serve } = opened(bytesInMemory(new Uint8Array(0)))
  expect(await serve(null)).toMatchObject({ status: 200, headers: { 'content-length': '0' }, body: null })
  expect(await serve({ start: 0, end: null })).toMatchObject({ status: 416 })
})

test('a file that nobody opened, or that was closed at sign-out, is not found', async () => {
  const { files, token, serve } = opened()
  expect(await serveOpenFile(clientOf(files), { token: `${token}0`, range: null })).toMatchObject({ status: 404 })
  files.closeAll()
  expect(await serve(null)).toMatchObject({ status: 404, body: null })
})

test.each([
  ['Phiếu cân số 1.pdf', 'Phi_u c_n s_ 1.pdf'],
  ['地磅單.pdf', '___.pdf'],
  ["O'Brien (copy)*.pdf", "O'Brien (copy)*.pdf"],
  ['a"; filename="b.exe', 'a_; filename=_b.exe'],
  ['a\r\nset-cookie: b', 'a__set-cookie: b'],
  ['a\\b\u007f', 'a_b_'],
  ['half \ud83d', 'half _'],
])('the name %j goes into the header in both forms and breaks neither', async (fileName, ascii) => {
  const { headers } = await opened(bytesInMemory(bytes), fileName).serve(null)
  const match = /^inline; filename="([\x20-\x7e]*)"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]*)$/.exec(
    new Headers(headers).get('content-disposition') ?? '',
  )
  expect(match?.[1]).toBe(ascii)
  expect(decodeURIComponent(match?.[2] ?? '')).toBe(fileName.toWellFormed())
})

test('a page that turns away stops the reading', async () => {
  const answer = await opened().serve(null)
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  expect((await reader.read()).value?.byteLength).toBe(chunk)
  await reader.cancel()
  const before = reads.length
  await new Promise((resolve) => setImmediate(resolve))
  expect(reads.length).toBe(before)
  expect(before).toBeLessThan(3)
})

test('a file that vanishes while it is read breaks the stream off instead of ending it early', async () => {
  const { files, serve } = opened()
  const answer = await serve(null)
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  files.closeAll()
  const rest = async (): Promise<void> => {
    while (!(await reader.read()).done);
  }
  await expect(rest()).rejects.toThrow('cannot be read any more')
})

test('bytes that the vault cannot give break the stream off at once', async () => {
  const answer = await opened({ byteSize: 10, read: async () => null }).serve(null)
  await expect(bodyOf(answer)).rejects.toThrow('cannot be read any more')
})
