import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import { systemClock } from '../platform/clock.ts'
import { silentLog } from '../platform/log.ts'
import { scoreDraft } from '../sync/testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  people,
  rows,
  startCloudFixture,
} from '../sync/testing/cloud-fixture.ts'
import { openTestDevice } from '../sync/testing/device.ts'
import { createProxiedNetwork, type NetworkProxyOptions, type ProxiedNetwork } from './network-proxy.ts'

describe('a proxy between the workstation and its cloud', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let proxy: Server
  let address: string
  /** Name and password that the proxy wants, as they come in the header; null: none. */
  let wanted: string | null
  let asked: string[]
  let network: ProxiedNetwork
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(async () => {
    wanted = null
    asked = []
    proxy = createServer((_, answer) => answer.writeHead(400).end())
    // The name exists nowhere but for this proxy: whatever arrives has come through it.
    proxy.on('connect', (request, near: Socket) => {
      asked.push(request.url ?? '')
      if (wanted !== null && request.headers['proxy-authorization'] !== wanted) {
        near.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="office"\r\n\r\n')
        return
      }
      const far = connect(Number(new URL(cloud.profile.url).port), '127.0.0.1', () => {
        near.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        near.pipe(far).pipe(near)
      })
      for (const socket of [near, far]) {
        sockets.add(socket)
        socket.on('error', () => socket.destroy())
      }
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    network.end()
    for (const socket of sockets) socket.destroy()
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
  })

  const behindProxy = () => ({ ...cloud.profile, url: 'http://cloud.example' })
  const open = (changes: Partial<NetworkProxyOptions>) => {
    network = createProxiedNetwork({
      environment: {},
      resolveProxy: async () => 'DIRECT',
      clock: systemClock,
      log: silentLog,
      ...changes,
    })
    return network.fetch
  }

  it.each([
    ['the environment names', () => ({ environment: { HTTP_PROXY: `http://${address}` } })],
    ['the system names', () => ({ resolveProxy: async () => `PROXY ${address}; DIRECT` })],
  ])('is used where %s it: everything goes through, and work is sent', async (_, settings) => {
    const device = await openTestDevice(behindProxy(), people.auditor, { fetch: open(settings()) })
    expect(await device.sync()).toMatchObject({ ok: true })
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(0)))
    expect(await device.sync()).toMatchObject({ ok: true })
    expect(findOutboxItem(device.database().read, mutationId)?.state).toMatch(/applied|conflict/)
    expect(new Set(asked)).toEqual(new Set(['cloud.example:80']))
    device.dispose()
  })

  it('that wants a name and a password says so in words, and lets through whoever gives them', async () => {
    const environment = { HTTP_PROXY: `http://ann:secret@${address}` }
    const device = await openTestDevice(behindProxy(), people.auditor, { fetch: open({ environment }) })
    wanted = `Basic ${Buffer.from('ann:another').toString('base64')}`
    for (const socket of sockets) socket.destroy()
    expect(await device.sync()).toMatchObject({
      ok: false,
      error: {
        code: 'cloud_unreachable',
        message: expect.stringMatching(/proxy of this network.* wants a name and a password/),
        action: expect.stringMatching(/is kept/),
        detail: { reason: 'proxy_refused' },
      },
    })
    wanted = `Basic ${Buffer.from('ann:secret').toString('base64')}`
    expect(await device.sync()).toMatchObject({ ok: true })
    device.dispose()
  })

  it('is asked nothing about this computer itself, or about what the environment excepts', async () => {
    const environment = {
      https_proxy: `http://${address}`,
      http_proxy: `http://${address}`,
      NO_PROXY: 'intranet.example',
    }
    const fetch = open({ environment })
    expect((await fetch(`${cloud.profile.url}/auth/v1/settings`)).status).toBeGreaterThan(0)
    await expect(fetch('http://intranet.example/')).rejects.toThrow()
    expect(asked).toEqual([])
  })

  it('is followed when the system names another, and left when it names none', async () => {
    let answer = 'DIRECT'
    let elapsed = 0
    const fetch = open({
      resolveProxy: async () => answer,
      clock: { now: systemClock.now, elapsedMilliseconds: () => elapsed },
    })
    await expect(fetch('http://cloud.example/')).rejects.toThrow()
    answer = `PROXY ${address}`
    expect((await fetch('http://cloud.example/auth/v1/settings')).status).toBeGreaterThan(0)
    expect(asked).toHaveLength(1)
    answer = 'DIRECT'
    elapsed += 31_000
    await expect(fetch('http://cloud.example/')).rejects.toThrow()
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['names none that is understood', async () => 'SOCKS5 127.0.0.1:1'],
    ['answers nothing', async () => ''],
    ['cannot be asked', () => Promise.reject(new Error('gone'))],
  ])('is none where the system %s', async (_, resolveProxy) => {
    const fetch = open({ resolveProxy })
    expect((await fetch(`${cloud.profile.url}/auth/v1/settings`)).status).toBeGreaterThan(0)
  })

  it('whose address makes no sense is left out, with a word in the log', async () => {
    const words: string[] = []
    const fetch = open({
      environment: { http_proxy: 'no address' },
      log: { ...silentLog, error: (event) => words.push(event) },
    })
    expect((await fetch(`${cloud.profile.url}/auth/v1/settings`)).status).toBeGreaterThan(0)
    expect(words).toEqual(['network.proxy_not_understood'])
  })
})
