import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { createCloudClient } from './cloud-client.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const clock = { now: () => new Date().toISOString(), elapsedMilliseconds: () => performance.now() }

const listen = async (server: Server): Promise<number> => {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
const serve = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}`
const json =
  (status: number, body: unknown): RequestListener =>
  (_, answer) => {
    answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
const byPath =
  (settings: RequestListener, handshake: RequestListener): RequestListener =>
  (request, answer) =>
    request.url?.includes('/auth/v1/settings') === true ? settings(request, answer) : handshake(request, answer)
const goTrue = json(200, { external: { email: true } })

const test = (url: string, timeoutMilliseconds = 10_000) =>
  createCloudClient({ url, publishableKey: 'sb_publishable_x', clock, timeoutMilliseconds }).testConnection()

it('finds a cloud that is ready', async () => {
  const url = await serve(byPath(goTrue, json(401, { code: '42501', message: 'permission denied' })))
  expect(await test(url)).toMatchObject({ reachable: true, compatible: true, action: null })
})

it('tells a project without the functions of the workstation', async () => {
  const url = await serve(byPath(goTrue, json(404, { code: 'PGRST202', message: 'no such function' })))
  expect(await test(url)).toMatchObject({
    reachable: true,
    compatible: false,
    message: expect.stringMatching(/not installed/),
  })
})

it('tells a cloud of another version', async () => {
  const url = await serve(byPath(goTrue, json(426, { code: 'PT426', details: 'protocol_version' })))
  expect(await test(url)).toMatchObject({ compatible: false, message: expect.stringMatching(/another version/) })
})

it('tells a wrong key', async () => {
  const wrong = json(401, { message: 'Invalid API key' })
  expect(await test(await serve(wrong))).toMatchObject({
    compatible: false,
    message: expect.stringMatching(/this key/),
  })
  expect(await test(await serve(byPath(goTrue, wrong)))).toMatchObject({
    compatible: false,
    message: expect.stringMatching(/this key/),
  })
})

it('tells a server that is no Supabase project', async () => {
  expect(await test(await serve(json(404, { error: 'nothing here' })))).toMatchObject({
    reachable: true,
    message: expect.stringMatching(/not a Supabase project/),
  })
})

it.each([
  [
    'a page',
    (): RequestListener => (_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  ],
  ['a redirect', (): RequestListener => (_, answer) => answer.writeHead(302, { location: 'https://sign.in/' }).end()],
])('tells the sign-in page of a guest network that answers with %s', async (_, listener) => {
  expect(await test(await serve(listener()))).toMatchObject({
    reachable: false,
    message: expect.stringMatching(/sign-in page of the network/),
    action: expect.stringMatching(/browser/),
  })
})

it('tells that nothing listens there', async () => {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  expect(await test(`http://127.0.0.1:${port}`)).toMatchObject({
    reachable: false,
    message: expect.stringMatching(/nothing answers/),
  })
})

it('tells an address that does not exist', async () => {
  expect(await test('https://veridesk.invalid')).toMatchObject({
    reachable: false,
    message: expect.stringMatching(/No computer with the name/),
  })
})

it('tells a server that does not answer in time', async () => {
  expect(await test(await serve(() => {}), 200)).toMatchObject({
    reachable: false,
    message: expect.stringMatching(/did not answer in time/),
  })
})

it('tells a certificate that nobody vouches for', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'veridesk-tls-'))
  const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  )
  const port = await listen(createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, goTrue))
  expect(await test(`https://127.0.0.1:${port}`)).toMatchObject({
    reachable: false,
    message: expect.stringMatching(/could not be trusted/),
  })
  rmSync(folder, { recursive: true })
})

it('tells what is no address at all', async () => {
  expect(await test('registry')).toMatchObject({
    reachable: false,
    message: expect.stringMatching(/not a web address/),
  })
})
