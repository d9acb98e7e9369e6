import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleFile, createBundleHandler, type EvidenceRequest } from './bundle-protocol.ts'
import { pdfWorkerPolicy, windowPolicy } from './content-security-policy.ts'

let folder: string
const asked: EvidenceRequest[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  mkdirSync(join(folder, 'renderer/assets'), { recursive: true })
  writeFileSync(join(folder, 'renderer/index.html'), '<p>window</p>')
  writeFileSync(join(folder, 'renderer/assets/pdf.worker-Ab_1.mjs'), '1')
  writeFileSync(join(folder, 'renderer/assets/main.js'), '1')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
})
afterAll(() => rmSync(folder, { recursive: true }))

const ask = (path: string, init: RequestInit = {}, origin = 'app://bundle') =>
  createBundleHandler({
    rendererFolder: join(folder, 'renderer'),
    resolveEvidence: async (request) => {
      asked.push(request)
      return {
        status: 206,
        headers: {
          'content-type': 'image/jpeg',
          'content-security-policy': 'script-src *',
          'content-disposition': 'inline',
        },
        body: new Uint8Array([1, 2, 3]),
      }
    },
  })(new Request(origin + path, init))

test('the root is the window page, under the policy of the window', async () => {
  const answer = await ask('/')
  expect(await answer.text()).toBe('<p>window</p>')
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': windowPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
  })
})

test("WebAssembly is allowed to the PDF viewer's worker and to no other script", async () => {
  const policyOf = async (path: string) => (await ask(path)).headers.get('content-security-policy')
  expect(await policyOf('/assets/pdf.worker-Ab_1.mjs')).toBe(pdfWorkerPolicy)
  expect(await policyOf('/assets/main.js')).toBe(windowPolicy)
  expect(pdfWorkerPolicy).toContain("'wasm-unsafe-eval'")
  expect(windowPolicy).not.toContain('unsafe')
})

test('a path that leads out of the bundle is not found, however it is written', async () => {
  for (const path of [
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%00',
    '/%ff',
  ])
    expect((await ask(path)).status, path).toBe(404)
  expect(bundleFile('/bundle', '/../secret.txt')).toBeNull()
  expect(bundleFile('/bundle', '/assets/main.js')).toBe('/bundle/assets/main.js')
})

test('a folder, a missing file, another host and another method get nothing', async () => {
  expect((await ask('/assets')).status).toBe(404)
  expect((await ask('/missing.js')).status).toBe(404)
  expect((await ask('/index.html', {}, 'app://other')).status).toBe(404)
  expect((await ask('/index.html', { method: 'POST', body: 'x' })).status).toBe(405)
})

test('evidence is asked for by token and range, and keeps its own headers but not its own policy', async () => {
  const answer = await ask('/evidence/tok-en_1', { headers: { range: 'bytes=10-19' } })
  expect(asked.at(-1)).toEqual({ token: 'tok-en_1', range: { start: 10, end: 19 } })
  expect(answer.status).toBe(206)
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]))
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/jpeg',
    'content-disposition': 'inline',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
})

test('what cannot be a token is never asked for', async () => {
  const before = asked.length
  for (const path of ['/evidence/', '/evidence/a/b', '/evidence/..%2fx', "/evidence/a'b"])
    expect((await ask(path)).status, path).toBe(404)
  expect(asked.length).toBe(before)
})
