import { describe, expect, test } from 'vitest'
import { readBearer } from './caller.ts'
import { preflight, readObject, refuse, respond } from './respond.ts'

const post = (body: BodyInit, headers: Readonly<Record<string, string>> = {}): Request =>
  new Request('http://localhost/functions/v1/x', { method: 'POST', body, headers })
const codeOf = async (answer: unknown): Promise<unknown> =>
  answer instanceof Response ? [answer.status, (await answer.json()).code] : answer

test('answers and refusals may be read by a page of another origin and are not kept', async () => {
  const refusal = refuse(429, 'rate_limited', 'Too many.', 'Wait.', { 'retry-after': '5' })
  expect(refusal.status).toBe(429)
  expect(refusal.headers.get('retry-after')).toBe('5')
  expect(await refusal.json()).toEqual({ success: false, error: 'Too many.', code: 'rate_limited', action: 'Wait.' })
  for (const answer of [refusal, respond({ success: true })]) {
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
  expect(preflight(new Request('http://localhost/', { method: 'OPTIONS' }))?.status).toBe(204)
  expect(preflight(post('{}'))).toBeNull()
})

describe('a request’s body', () => {
  test('is a JSON object', async () => {
    expect(await readObject(post('{"a":[1]}'))).toEqual({ a: [1] })
    for (const body of ['', 'null', '[]', '"x"', '1', '{', new Uint8Array([0xff, 0xfe])])
      expect(await codeOf(await readObject(post(body)))).toEqual([400, 'invalid_request'])
    expect(await codeOf(await readObject(new Request('http://localhost/')))).toEqual([405, 'method_not_allowed'])
  })

  test('is refused beyond its limit, whether it says so or not', async () => {
    const large = JSON.stringify({ text: 'x'.repeat(1000) })
    expect(await codeOf(await readObject(post(large), 1000))).toEqual([413, 'too_large'])
    expect(await codeOf(await readObject(post(large, { 'content-length': '2000000' }), 2000))).toEqual([
      413,
      'too_large',
    ])
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(100)) })
    const request = new Request('http://localhost/', { method: 'POST', body: endless, duplex: 'half' } as RequestInit)
    expect(await codeOf(await readObject(request, 1000))).toEqual([413, 'too_large'])
  })

  test('gives an object no properties by way of its prototype', async () => {
    const body = await readObject(post('{"__proto__":{"admin":true}}'))
    expect('admin' in body).toBe(false)
  })
})

test('a caller is the service only with its key, a person with a token, and nobody else', () => {
  const environment = { SUPABASE_SERVICE_ROLE_KEY: 'secret-key', SUPABASE_ANON_KEY: 'public-key' }
  const read = (headers: Readonly<Record<string, string>>) => readBearer(post('{}', headers), environment)
  expect(read({ authorization: 'Bearer secret-key' })).toBe('service')
  expect(read({ apikey: 'secret-key' })).toBe('service')
  expect(read({ authorization: 'Bearer a.b.c', apikey: 'public-key' })).toEqual({ token: 'a.b.c' })
  expect(read({ authorization: 'Bearer a.b.c', apikey: 'secret-key' }), 'a person behind a server').toEqual({
    token: 'a.b.c',
  })
  expect(read({ authorization: 'Bearer secret-ke' })).toEqual({ token: 'secret-ke' })
  expect(read({ authorization: 'Bearer public-key' })).toBeNull()
  expect(read({ apikey: 'public-key' })).toBeNull()
  expect(read({})).toBeNull()
  expect(readBearer(post('{}', { apikey: '' }), {}), 'no key is set').toBeNull()
})
