import { assertNever } from '../../../shared/assert-never.ts'
import type { HostileAnswer, HostileRequest } from './messages.ts'
import { readPhoto } from './read-photo.ts'
import { readCsv, readWorkbook } from './read-table.ts'

/*
 * Entry of the child process that reads files nobody vouches for. It gets one file on standard input, answers one line of JSON and
 * ends. It may hang, run out of memory or crash: whoever started it kills it and says that the file cannot be read.
 */

function isRequest(value: unknown): value is HostileRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    ['photo', 'csv', 'workbook'].includes(String(value.kind))
  )
}

async function read(request: HostileRequest, bytes: Uint8Array): Promise<HostileAnswer> {
  switch (request.kind) {
    case 'photo':
      return readPhoto(bytes)
    case 'csv':
      return readCsv(bytes)
    case 'workbook':
      return readWorkbook(bytes)
    default:
      return assertNever(request)
  }
}

const request: unknown = JSON.parse(process.argv[2] ?? 'null')
const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk)
const answer: HostileAnswer = isRequest(request)
  ? await read(request, Buffer.concat(chunks)).catch((error: unknown) => ({
      kind: 'unreadable' as const,
      reason: error instanceof Error ? error.message.slice(0, 300) : 'unknown',
    }))
  : { kind: 'unreadable', reason: 'unknown request' }
process.stdout.write(`${JSON.stringify(answer)}\n`)
