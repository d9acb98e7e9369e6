import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerText, type ReceivedPage } from './sync-rows.ts'
import { pageRows } from './sync-workspace.ts'

/** A server on this machine that sends the same rows to everybody, made before anybody asks. */
export interface PeerSource {
  readonly url: string
  readonly stop: () => Promise<void>
}

/**
 * `/pages/<n>`: a page of rows as JSON. `/answers/<n>`: the same page as the cloud answers with it. `/powersync/sync/stream`: the same
 * rows as PowerSync's service streams a bucket (a checkpoint, its operations, its end), as lines of JSON.
 */
export async function startPeerSource(pages: readonly ReceivedPage[]): Promise<PeerSource> {
  const stream = powerSyncLines(pages)
  const rows = pages.length * pageRows
  const answers = pages.map((page, number) => answerText(page, number === 0 ? rows : null))
  const server = createServer((request, response) => {
    request.resume()
    const [, kind, number] = /^\/(pages|answers)\/(\d+)$/.exec(request.url ?? '') ?? []
    if (kind === 'answers') sendText(response, answers[Number(number)])
    else if (kind === 'pages') sendText(response, pages[Number(number)]?.text)
    else if (request.url === '/powersync/sync/stream') {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      // It stays open, as the service's does.
      for (const line of stream) response.write(line)
    } else {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"data":{"write_checkpoint":"1"}}')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function sendText(response: ServerResponse, text: string | undefined): void {
  response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(text ?? '[]')
}

const bucket = 'register[]'
const checksum = 1

function powerSyncLines(pages: readonly ReceivedPage[]): readonly string[] {
  let operation = 0
  const data = pages.map(({ text }) => {
    const after = String(operation)
    const rows: readonly { readonly id: string; readonly risk_reasons: unknown }[] = JSON.parse(text)
    const operations = rows.map((row) => {
      operation += 1
      return {
        op_id: String(operation),
        op: 'PUT',
        object_type: 'batches',
        object_id: row.id,
        subkey: null,
        checksum,
        data: JSON.stringify({ ...row, risk_reasons: JSON.stringify(row.risk_reasons) }),
      }
    })
    return { data: { bucket, has_more: false, after, next_after: String(operation), data: operations } }
  })
  const last = String(operation)
  const buckets = [{ bucket, checksum: operation * checksum, count: operation, priority: 3 }]
  const checkpoint = { checkpoint: { last_op_id: last, write_checkpoint: null, buckets, streams: [] } }
  return [checkpoint, ...data, { checkpoint_complete: { last_op_id: last } }].map((line) => `${JSON.stringify(line)}\n`)
}
