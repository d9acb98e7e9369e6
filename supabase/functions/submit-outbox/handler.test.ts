import { expect, test } from 'vitest'
import { handle } from './handler.ts'
import { LARGEST_FILE, readOutboxFile } from './read-file.ts'

// What reaches the database is tested with it, from workstation to register: electron/handover.

const environment = {
  SUPABASE_URL: 'http://127.0.0.1:9',
  SUPABASE_ANON_KEY: 'anon',
  SUPABASE_SERVICE_ROLE_KEY: 'service',
}
const request = (token: string | null, body = '{}', method = 'POST') =>
  new Request('http://function/submit-outbox', {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(method === 'POST' ? { body } : {}),
  })
const uuid = '00000000-0000-4000-8000-000000000001'
const content = {
  format: 'veridesk-outbox',
  version: 1,
  person: { id: uuid },
  device: { id: uuid },
  cloud: { server_epoch: uuid },
  made_at: '2026-11-29T00:00:00.000Z',
  clock_offset_ms: null,
  count: 1,
  changes: [{ mutation_id: uuid }],
}
const file = (change: object = {}, rest: object = {}) => ({
  format: 'veridesk-outbox',
  version: 1,
  content: JSON.stringify({ ...content, ...change }),
  public_key: 'x',
  signature: Buffer.alloc(64).toString('base64'),
  attachments: [],
  ...rest,
})

test('nobody in particular submits a file: not the service, not a visitor', async () => {
  for (const token of ['service', 'anon', null])
    expect((await handle(request(token), environment)).status, String(token)).toBe(403)
  expect((await handle(request('a-person', '', 'OPTIONS'), environment)).status).toBe(204)
  expect((await handle(request('a-person', '', 'GET'), environment)).status).toBe(405)
})

test('a file over the cap is refused before it is parsed', async () => {
  const answer = await handle(request('a-person', ' '.repeat(LARGEST_FILE + 1)), environment)
  expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'too_large' }])
})

test('what is no whole outbox file is refused with what to do', async () => {
  for (const body of ['{"format":"veridesk-outbox"', '[]', '{}', JSON.stringify(file()).slice(0, 200)]) {
    const answer = await handle(request('a-person', body), environment)
    expect([answer.status, await answer.json()], body).toMatchObject([400, { code: 'invalid_request' }])
  }
})

test('the form is read strictly', () => {
  expect(readOutboxFile(file())).toMatchObject({ personId: uuid, changes: [{ mutation_id: uuid }] })
  const wrong: readonly (readonly [object, object?])[] = [
    [{ count: 2 }],
    [{ changes: [], count: 0 }],
    [{ changes: [{ mutation_id: 'x' }] }],
    [{ version: 2 }],
    [{ made_at: 'yesterday' }],
    [{ made_at: '2026-13-45T00:00:00.000Z' }],
    [{ clock_offset_ms: 2 ** 40 }],
    [{ person: null }],
    [{}, { signature: 'AAAA' }],
    [{}, { signature: 'no base64!' }],
    [{}, { attachments: [{ sha256: 'x', bytes: '' }] }],
    [
      {},
      {
        attachments: [
          { sha256: 'a'.repeat(64), bytes: '' },
          { sha256: 'a'.repeat(64), bytes: '' },
        ],
      },
    ],
    [{}, { content: 'null' }],
    [{}, { version: 2 }],
  ]
  for (const [change, rest] of wrong)
    expect(readOutboxFile(file(change, rest)), JSON.stringify([change, rest])).toBeNull()
})
