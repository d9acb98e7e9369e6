import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ok } from '../../shared/result.ts'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { scoreDraft } from '../sync/testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  password,
  people,
  rows,
  startCloudFixture,
} from '../sync/testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice } from '../sync/testing/device.ts'
import type { CloudClient } from './cloud-client.ts'

type Portal = (request: IncomingMessage, answer: ServerResponse) => void

/** What networks put in place of any answer until somebody has signed in to them. */
const portals: Readonly<Record<string, Portal>> = {
  'a page': (_, answer) =>
    answer.writeHead(200, { 'content-type': 'Text/HTML; charset=utf-8' }).end('<h1>Welcome</h1>'),
  'a redirect': (_, answer) => answer.writeHead(302, { location: 'https://portal.example/sign-in' }).end(),
  'a refusal with a page': (_, answer) =>
    answer.writeHead(403, { 'content-type': 'application/xhtml+xml' }).end('<html/>'),
  'status 511': (_, answer) => answer.writeHead(511, { 'content-type': 'text/plain' }).end('Sign in'),
}

describe('a sign-in page of a network in place of the cloud', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let way: Server
  let portal: Portal | null = null
  let device: TestDevice
  beforeAll(async () => {
    cloud = await startCloudFixture({ batches: 30, evidenceFiles: 2 })
    const target = new URL(cloud.profile.url)
    way = createServer((request, answer) => {
      if (portal !== null) {
        request.resume()
        portal(request, answer)
        return
      }
      const { method, url, headers } = request
      const onward = ask({ host: target.hostname, port: target.port, method, path: url, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      })
      onward.on('error', () => answer.destroy())
      request.pipe(onward)
    })
    await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(way.address() as AddressInfo).port}`
    device = await openTestDevice({ ...cloud.profile, url }, people.auditor)
    expect(await device.sync()).toMatchObject({ ok: true })
  }, cloudTestMilliseconds)
  afterEach(() => {
    portal = null
  })
  afterAll(async () => {
    device.dispose()
    way.closeAllConnections()
    way.close()
    await cloud.stop()
  })

  const bytes = new Uint8Array([1, 2, 3])
  const calls: Readonly<Record<string, (cloud: CloudClient) => Promise<unknown>>> = {
    signIn: ({ signIn }) => signIn(people.auditor.email, password),
    handshake: ({ handshake }) =>
      handshake({
        protocol_version: 1,
        schema_version: 1,
        device_id: device.deviceId,
        device_name: 'test',
        program_version: '0.0.0',
      }),
    bootstrap: ({ bootstrap }) => bootstrap({ scope: 'reference', table: 'people', after: null, limit: 10 }),
    pull: ({ pull }) => pull({ scope: 'reference', cursor: '3:3:', upto: null, after: null, limit: 10 }),
    push: ({ push }) => push([]),
    check: ({ check }) => check({ scope: 'reference', cursor: '3:3:', except: [] }),
    download: ({ download }) => download({ bucket: 'verification-docs', objectPath: 'a/b.pdf', from: 0 }),
    upload: ({ upload }) =>
      upload({
        bucket: 'verification-docs',
        objectPath: 'a/c.pdf',
        mediaType: 'application/pdf',
        byteSize: bytes.length,
        sha256: sha256Hex(bytes),
        read: async () => ok(bytes),
        resumePath: null,
        onPlace: () => {},
        onProgress: () => {},
      }),
  }

  it.each(Object.keys(portals).flatMap((kind) => Object.keys(calls).map((call) => [kind, call] as const)))(
    'is recognized in %s to the call %s, in words',
    async (kind, call) => {
      portal = portals[kind] ?? null
      expect(await calls[call]?.(device.cloud)).toMatchObject({
        ok: false,
        error: {
          code: 'cloud_unreachable',
          message: expect.stringMatching(/^A sign-in page of the network answers in place of 127\.0\.0\.1/),
          action: expect.stringMatching(/tried again by itself/),
          detail: { reason: 'intercepted' },
        },
      })
      expect(device.cloud.hasSession()).toBe(true)
    },
  )

  it.each(Object.keys(portals))('as %s loses nothing, and what waits is sent when it is gone', async (kind) => {
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(Object.keys(portals).indexOf(kind))))
    const before = mirrorOf(device.database())
    portal = portals[kind] ?? null
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    expect(findOutboxItem(device.database().read, mutationId)?.state).toBe('queued')
    expect(mirrorOf(device.database())).toEqual(before)
    portal = null
    expect(await device.sync()).toMatchObject({ ok: true })
    expect(findOutboxItem(device.database().read, mutationId)?.state).toBe('applied')
  })

  it('is not what a page of a gateway means whose cloud is down', async () => {
    portal = (_, answer) => answer.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')
    for (const call of ['handshake', 'signIn', 'push', 'upload', 'download'])
      expect(await calls[call]?.(device.cloud), call).toMatchObject({
        error: { code: 'cloud_unreachable', message: expect.stringMatching(/busy or being serviced/) },
      })
  })
})
