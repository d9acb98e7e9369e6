import { readFile } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import type { CustomScheme } from 'electron'
import { type ByteRange, parseByteRange } from './byte-range.ts'
import { commonHeaders, evidencePolicy, isPdfWorker, pdfWorkerPolicy, windowPolicy } from './content-security-policy.ts'
import { mediaTypeOf } from './media-types.ts'

/** Origin of the window, and of all it may load. */
export const bundleOrigin = 'app://bundle'

/** Address of the window's page. */
export const bundleEntry = `${bundleOrigin}/index.html`

/** Path of evidence under the bundle's origin; a token follows. The window asks for it by a relative address. */
export const evidencePath = '/evidence/'

/** For `protocol.registerSchemesAsPrivileged`, before the program is ready. */
export const bundleScheme: CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
}

/** What the window asks of one evidence file. */
export interface EvidenceRequest {
  /** Handed out for this session; says nothing about the file. */
  readonly token: string
  readonly range: ByteRange | null
}

/** Bytes of an evidence file, or why there are none. */
export interface EvidenceAnswer {
  readonly status: 200 | 206 | 404 | 416
  /** At least `content-type`; `content-length`, `content-range`, `content-disposition` where they apply. */
  readonly headers: Record<string, string>
  readonly body: ReadableStream | Uint8Array | null
}

/** What the bundle is served from. */
export interface BundleSources {
  /** Folder of the built window. */
  readonly rendererFolder: string
  readonly resolveEvidence: (request: EvidenceRequest) => Promise<EvidenceAnswer>
}

const plain = (status: number, text: string): Response =>
  new Response(text, {
    status,
    headers: {
      ...commonHeaders,
      'content-type': 'text/plain; charset=utf-8',
      'content-security-policy': evidencePolicy,
    },
  })

/** Absolute path of a bundle file; null when the address leads out of the folder or is not written in plain UTF-8. */
export function bundleFile(rendererFolder: string, pathname: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (path.includes('\0') || path.includes('\\')) return null
  const root = resolve(rendererFolder)
  const file = join(root, path === '/' ? '/index.html' : path)
  return path.split('/').includes('..') || !file.startsWith(root + sep) ? null : file
}

async function answerFile(rendererFolder: string, pathname: string): Promise<Response> {
  const file = bundleFile(rendererFolder, pathname)
  if (file === null) return plain(404, 'Not found')
  let content: Uint8Array<ArrayBuffer>
  try {
    content = new Uint8Array(await readFile(file))
  } catch {
    return plain(404, 'Not found')
  }
  return new Response(content, {
    headers: {
      ...commonHeaders,
      'content-type': mediaTypeOf(file),
      'content-length': String(content.byteLength),
      'content-security-policy': isPdfWorker(pathname) ? pdfWorkerPolicy : windowPolicy,
      // The names of built files carry a hash; the page that names them must be read anew after an update.
      'cache-control': 'no-cache',
    },
  })
}

async function answerEvidence(sources: BundleSources, token: string, range: ByteRange | null): Promise<Response> {
  const answer = await sources.resolveEvidence({ token, range })
  const body = answer.body instanceof Uint8Array ? new Uint8Array(answer.body) : answer.body
  return new Response(body, {
    status: answer.status,
    headers: {
      'accept-ranges': 'bytes',
      ...answer.headers,
      ...commonHeaders,
      'content-security-policy': evidencePolicy,
      'cache-control': 'no-store',
    },
  })
}

/** Answers every request under `app://`: files of the built window, and evidence by token. */
export function createBundleHandler(sources: BundleSources): (request: Request) => Promise<Response> {
  return async (request) => {
    const { protocol, host, pathname } = new URL(request.url)
    if (`${protocol}//${host}` !== bundleOrigin) return plain(404, 'Not found')
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET and HEAD')
    if (!pathname.startsWith(evidencePath)) return answerFile(sources.rendererFolder, pathname)
    const token = pathname.slice(evidencePath.length)
    // Tokens are made of these characters alone; anything else is not worth a question to the database.
    if (!/^[\w-]{1,200}$/.test(token)) return plain(404, 'Not found')
    return answerEvidence(sources, token, parseByteRange(request.headers.get('range')))
  }
}
