import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startThrottlingProxy, type ThrottlingProxy } from './throttling-proxy.ts'

let server: Server
let proxy: ThrottlingProxy
beforeEach(async () => {
  server = createServer((request, answer) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => answer.end(`${bytes} `.padEnd(Number(request.headers['x-length'] ?? 0), 'a')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await startThrottlingProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(async () => {
  await proxy.close()
  server.closeAllConnections()
  server.close()
})

const ask = async (length: number, body = '', signal?: AbortSignal): Promise<string> => {
  const init = { method: 'POST', body, headers: { 'x-length': String(length) } }
  return (await fetch(proxy.url, signal === undefined ? init : { ...init, signal })).text()
}
const millisecondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

it('carries every byte both ways, whatever the way is like', async () => {
  expect(await ask(300_000, 'b'.repeat(200_000))).toMatch(/^200000 a{200,}/)
  proxy.condition = { bytesPerSecond: 4_000_000, jitterMilliseconds: 2, stallChance: 0.2, stallMilliseconds: 3 }
  expect((await ask(300_000, 'b'.repeat(200_000))).length).toBe(300_000)
  expect(proxy.passed.bytes).toBeGreaterThan(1_000_000)
})

it('is as slow as it was told to be', async () => {
  await ask(1)
  proxy.condition = { latencyMilliseconds: 60 }
  expect(await millisecondsOf(() => ask(1))).toBeGreaterThan(115)
  proxy.condition = { bytesPerSecond: 200_000 }
  expect(await millisecondsOf(() => ask(50_000))).toBeGreaterThan(240)
})

it('breaks off in the middle of an answer', async () => {
  proxy.condition = { cutAfterBytes: 5_000 }
  await expect(ask(50_000)).rejects.toThrow()
  proxy.condition = {}
  expect((await ask(50_000)).length).toBe(50_000)
})

it('stands half open, and says nothing to anybody', async () => {
  await ask(1)
  proxy.condition = { halfOpen: true }
  await expect(ask(1, '', AbortSignal.timeout(200))).rejects.toMatchObject({ name: 'TimeoutError' })
  proxy.condition = {}
  expect(await ask(10)).toHaveLength(10)
})
