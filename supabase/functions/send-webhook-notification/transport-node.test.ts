import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeTransport } from './transport-node.ts'

const hosts: string[] = []
const receiver = http.createServer((request, response) => {
  hosts.push(request.headers.host ?? '')
  response.writeHead(200).end('x'.repeat(10_000))
})
beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  receiver.close()
})

test('the connection goes to the address that was checked, whatever the name would resolve to', async () => {
  const { port } = receiver.address() as AddressInfo
  const answer = await nodeTransport.send(
    { url: new URL(`http://rebound.invalid:${port}/x`), addresses: ['127.0.0.1'] },
    { headers: {}, body: '{}', limit: 100, signal: AbortSignal.timeout(20_000) },
  )
  expect(answer.status).toBe(200)
  expect(answer.body).toHaveLength(100)
  expect(hosts).toEqual([`rebound.invalid:${port}`])
})
