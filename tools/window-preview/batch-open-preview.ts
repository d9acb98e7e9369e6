import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { parseByteRange } from '../../electron/shell/byte-range.ts'
import {
  commonHeaders,
  evidencePolicy,
  isPdfWorker,
  pdfWorkerPolicy,
  windowPolicy,
} from '../../electron/shell/content-security-policy.ts'
import { mediaTypeOf } from '../../electron/shell/media-types.ts'
import { findChromium } from '../chromium-host/chromium-binary.ts'
import { type MadeDossier, makeDossier } from './batch-dossier.ts'
import { buildPreview } from './build-preview.ts'

/** How a batch is opened. `more` is added to the address, such as `&key=none`. */
export interface BatchView {
  readonly scenario?: 'auditor' | 'desk' | 'missing'
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
  readonly more?: string
}

/** The batch screen in a browser, under the program's policy, on evidence that is really there. */
export interface BatchPreview {
  readonly open: (view?: BatchView) => Promise<{ readonly page: Page; readonly complaints: readonly string[] }>
  readonly close: () => Promise<void>
}

async function serve(directory: string, bytes: MadeDossier['bytes']) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://preview').pathname)
    if (path.startsWith('/evidence/')) {
      const body = bytes.get(path.slice('/evidence/'.length))
      const range = parseByteRange(request.headers.range ?? null)
      const headers = { ...commonHeaders, 'content-security-policy': evidencePolicy, 'accept-ranges': 'bytes' }
      if (body === undefined) response.writeHead(404, headers).end()
      else if (range === null) response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
      else response.writeHead(206, headers).end(body.subarray(range.start, (range.end ?? body.length - 1) + 1))
      return
    }
    readFile(join(directory, path === '/' ? 'index.html' : path)).then(
      (body) =>
        response
          .writeHead(200, {
            ...commonHeaders,
            'content-type': mediaTypeOf(path === '/' ? 'index.html' : path),
            'content-security-policy': isPdfWorker(path) ? pdfWorkerPolicy : windowPolicy,
          })
          .end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return { server, origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` }
}

async function buildProgram(directory: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: import.meta.dirname,
    build: {
      outDir: join(directory, 'program'),
      emptyOutDir: true,
      lib: {
        entry: join(import.meta.dirname, 'batch-program.ts'),
        formats: ['iife'],
        name: 'preview',
        fileName: () => 'program.js',
      },
    },
  })
  return readFile(join(directory, 'program', 'program.js'), 'utf8')
}

/** Makes the evidence, builds and serves the window, and starts a browser for it. */
export async function openBatchPreview(): Promise<BatchPreview> {
  const directory = await mkdtemp(join(tmpdir(), 'batch-preview-'))
  const [built, { dossier, bytes }] = await Promise.all([buildPreview(directory), makeDossier()])
  const program = await buildProgram(directory)
  const { server, origin } = await serve(built.directory, bytes)
  const browser = await chromium.launch({ executablePath: findChromium(process.env) ?? '', args: ['--no-sandbox'] })
  return {
    open: async ({ scenario = 'auditor', theme = 'light', width = 1440, height = 900, more = '' } = {}) => {
      const context = await browser.newContext({ viewport: { width, height }, timezoneId: 'Asia/Jakarta' })
      await context.addInitScript({ content: `window.previewDossier = ${JSON.stringify(dossier)};\n${program}` })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      await page.goto(`${origin}/?scenario=${scenario}&theme=${theme}${more}`)
      await page.locator('main').first().waitFor()
      return { page, complaints }
    },
    close: async () => {
      await browser.close()
      await new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      })
      await rm(directory, { recursive: true, force: true })
    },
  }
}
