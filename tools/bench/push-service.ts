import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { benchSession } from './bench-session.ts'

/** A service on this machine that takes whatever is pushed and only acknowledges it: what is left is the work of the pushing side. */
export interface PushService {
  readonly url: string
  /** How many changes it has taken since this was last asked. */
  readonly taken: () => Promise<number>
  readonly stop: () => Promise<void>
}

/**
 * Starts it in a process of its own. It speaks what each program speaks to its own server: the cloud's `sync_push` and token, a plain
 * `/changes`, PowerSync's stream and write checkpoint, and the calls of CouchDB that a replication makes.
 */
export async function startPushService(): Promise<PushService> {
  const child = fork(import.meta.filename, ['serve'])
  const [port] = (await once(child, 'message')) as [number]
  return {
    url: `http://127.0.0.1:${port}`,
    async taken() {
      child.send('taken')
      const [count] = (await once(child, 'message')) as [number]
      return count
    },
    async stop() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? null : JSON.parse(text)
}

const noWords = { code: null, message: null, action: null, rows: [] } as const

/** One stream of PowerSync without a row; the checkpoint says that what was uploaded has come round. */
const emptyStream = [
  { checkpoint: { last_op_id: '0', write_checkpoint: '1', buckets: [], streams: [] } },
  { checkpoint_complete: { last_op_id: '0' } },
]

let count = 0

const couch = { db_name: 'db', instance_start_time: '0', update_seq: 0, doc_count: 0 }

/** The answer to a call; null for one that is not known. */
function answerTo(path: string, body: unknown): unknown {
  if (path.startsWith('/auth/v1/token')) return benchSession
  if (path === '/rest/v1/rpc/sync_push') {
    const { p_mutations: sent } = body as { readonly p_mutations: readonly { readonly mutation_id: string }[] }
    count += sent.length
    return sent.map(({ mutation_id }) => ({ mutation_id, status: 'applied', ...noWords }))
  }
  if (path === '/changes') {
    count += (body as readonly unknown[]).length
    return { ok: true }
  }
  if (path.startsWith('/powersync/')) return { data: { write_checkpoint: '1' } }
  if (path === '/db/' || path === '/db') return couch
  if (path === '/db/_revs_diff')
    return Object.fromEntries(
      Object.entries(body as Record<string, readonly string[]>).map(([id, missing]) => [id, { missing }]),
    )
  if (path === '/db/_bulk_docs') {
    count += (body as { readonly docs: readonly unknown[] }).docs.length
    return []
  }
  return null
}

function serve(): void {
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    const body = await bodyOf(request)
    if (path === '/powersync/sync/stream') {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      for (const line of emptyStream) response.write(`${JSON.stringify(line)}\n`)
      return
    }
    const isCheckpoint = path.startsWith('/db/_local/')
    const answer = isCheckpoint ? (request.method === 'PUT' ? { ok: true, rev: '0-1' } : null) : answerTo(path, body)
    response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? { error: 'not_found', reason: 'missing' }))
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
  process.on('message', () => {
    process.send?.(count)
    count = 0
  })
  process.once('disconnect', () => process.exit(0))
}

if (process.argv[1] === import.meta.filename && process.argv[2] === 'serve') serve()
