import type { EvidenceAnswer, EvidenceRequest } from '../shell/bundle-protocol.ts'
import type { WorkerClient } from './worker-client.ts'

/** Bytes that cross from the database thread at a time. */
const chunkBytes = 1024 * 1024

/** The extended form of a header's parameter (RFC 8187, 3.2.1), which allows fewer characters than an address does. */
const extended = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** A header may hold ASCII alone (RFC 9110, 5.5); the full name travels in the extended form (RFC 6266, 4.3). */
const disposition = (fileName: string): string =>
  `inline; filename="${fileName.replace(/[^\x20-\x7e]|["\\]/g, '_')}"; filename*=UTF-8''${extended(fileName)}`

/** Pulls a range out of the database thread chunk by chunk, as fast as the page takes it. */
function streamOf(client: WorkerClient, token: string, start: number, end: number): ReadableStream<Uint8Array> {
  let position = start
  return new ReadableStream({
    pull: async (controller) => {
      const next = Math.min(end, position + chunkBytes)
      const bytes = await client.readFile(token, position, next)
      if (bytes === null) {
        controller.error(new Error('The file cannot be read any more'))
        return
      }
      position = next
      controller.enqueue(bytes)
      if (position >= end) controller.close()
    },
  })
}

/** Answers a viewer's request for an opened file, whole or a range of it (RFC 9110, 14). */
export async function serveOpenFile(client: WorkerClient, { token, range }: EvidenceRequest): Promise<EvidenceAnswer> {
  const file = await client.describeFile(token)
  if (file === null) return { status: 404, headers: { 'content-type': 'text/plain' }, body: null }
  const headers = { 'content-type': file.mediaType, 'content-disposition': disposition(file.fileName) }
  if (range === null)
    return {
      status: 200,
      headers: { ...headers, 'content-length': String(file.byteSize) },
      body: file.byteSize === 0 ? null : streamOf(client, token, 0, file.byteSize),
    }
  const end = Math.min(range.end === null ? file.byteSize : range.end + 1, file.byteSize)
  if (range.start >= end) return { status: 416, headers: { 'content-range': `bytes */${file.byteSize}` }, body: null }
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(end - range.start),
      'content-range': `bytes ${range.start}-${end - 1}/${file.byteSize}`,
    },
    body: streamOf(client, token, range.start, end),
  }
}
