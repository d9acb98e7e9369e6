import type { HostileAnswer, HostileReaders, HostileRequest } from './messages.ts'

/** The request is the first line; the rest, whatever it holds, is the file. */
const lineFeed = 0x0a

function parseRequest(line: string, readers: HostileReaders): HostileRequest | null {
  try {
    const request: unknown = JSON.parse(line)
    const known =
      typeof request === 'object' &&
      request !== null &&
      'kind' in request &&
      Object.hasOwn(readers, String(request.kind))
    return known ? (request as HostileRequest) : null
  } catch {
    return null
  }
}

/** Reads the file that one request asks for. Never rejects: what a reader throws is the reason why the file is unreadable. */
export async function answerRequest(input: Buffer, readers: HostileReaders): Promise<HostileAnswer> {
  const end = input.indexOf(lineFeed)
  const request = parseRequest(input.toString('utf8', 0, Math.max(0, end)), readers)
  if (request === null) return { kind: 'unreadable', reason: 'unknown request' }
  const read: (bytes: Uint8Array, request: never) => ReturnType<HostileReaders['photo']> = readers[request.kind]
  try {
    return await read(input.subarray(end + 1), request as never)
  } catch (error) {
    return { kind: 'unreadable', reason: error instanceof Error ? error.message.slice(0, 300) : 'unknown' }
  }
}
