import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthUsers } from './auth-users.ts'
import { type LocalCloud, startLocalCloud } from './start-local-cloud.ts'
import { PEOPLE, TEST_SCHEMA } from './test-schema.ts'
import { connect, makeTemporaryFolder, SERVER_TEST_MS, signIn, withClient, writeMigrations } from './testing.ts'

const timeout = SERVER_TEST_MS
const { amina, bram } = PEOPLE

let folder: ReturnType<typeof makeTemporaryFolder>
let cloud: LocalCloud

beforeAll(async () => {
  folder = makeTemporaryFolder()
  cloud = await startLocalCloud({
    dataDirectory: folder.path,
    durable: false,
    migrationsDirectory: writeMigrations(folder.path, TEST_SCHEMA),
    seed: ({ client }) => createAuthUsers(client, [amina, bram]),
    functions: {
      hello: async (request, environment) =>
        Response.json({ body: await request.json(), url: environment.SUPABASE_URL, at: new URL(request.url).pathname }),
      broken: () => {
        throw new Error('a defect in the function')
      },
    },
  })
}, timeout)
afterAll(async () => {
  await cloud.stop()
  folder.remove()
})

test('a person signs in with their password, and the token says who they are', { timeout }, async () => {
  const client = connect(cloud)
  const { data, error } = await client.auth.signInWithPassword(amina)
  expect(error).toBeNull()
  expect(data.user?.id).toBe(amina.id)
  const answer = await client.rpc('echo', { value: {} })
  expect(answer.data).toMatchObject({ user: amina.id })
})

test('a wrong password and an unknown person get the same answer', { timeout }, async () => {
  const wrong = await connect(cloud).auth.signInWithPassword({ ...amina, password: 'wrong' })
  const unknown = await connect(cloud).auth.signInWithPassword({ ...amina, email: 'nobody@example.org' })
  expect(wrong.error).toMatchObject({ status: 400, code: 'invalid_credentials' })
  expect(unknown.error).toMatchObject({ status: 400, code: 'invalid_credentials' })
})

test('a session is renewed with its refresh token and ends at sign-out', { timeout }, async () => {
  const client = await signIn(cloud, amina.email, amina.password)
  const renewed = await client.auth.refreshSession()
  expect(renewed.error).toBeNull()
  await client.auth.signOut()
  const again = await connect(cloud).auth.refreshSession({
    refresh_token: renewed.data.session?.refresh_token ?? '',
  })
  expect(again.error).not.toBeNull()
})

test.each([
  ['object', { batch: 'B-1', parts: [1, '2', null, { deep: true }] }],
  ['array', [1, 'two', false]],
  ['string', 'hello'],
  ['string', ''],
  ['string', '{"looks": "like JSON"}'],
  ['string', '"quoted"'],
  ['boolean', true],
  ['boolean', false],
  ['number', 12.5],
])('a jsonb argument of type %s comes through as itself: %j', { timeout }, async (type, value) => {
  const client = await signIn(cloud, amina.email, amina.password)
  const { data, error } = await client.rpc('echo', { value, label: '{"not": "touched"}' })
  expect(error).toBeNull()
  expect(data).toMatchObject({ value, type, label: '{"not": "touched"}' })
})

test('a refusal keeps its status, code, detail and hint', { timeout }, async () => {
  const { error, status } = await connect(cloud).rpc('refuse')
  expect(status).toBe(403)
  expect(error).toMatchObject({
    code: 'PT403',
    message: 'This batch is not assigned to you.',
    details: 'not_assigned',
    hint: 'Ask for the assignment.',
  })
})

test.each([
  ['40001', 503],
  ['40P01', 503],
  ['P0001', 400],
  ['23514', 400],
  ['23505', 409],
  ['23503', 409],
  ['42501', 401],
  ['57014', 500],
  ['XX000', 500],
])('SQLSTATE %s keeps its code and is answered with %i', { timeout }, async (state, expected) => {
  // Without retries of its own: supabase-js would repeat a 503.
  const response = await fetch(`${cloud.url}/rest/v1/rpc/collide`, {
    method: 'POST',
    headers: { apikey: cloud.publishableKey, 'content-type': 'application/json' },
    body: JSON.stringify({ state }),
  })
  expect(response.status).toBe(expected)
  expect(await response.json()).toMatchObject({
    code: state,
    message: 'Somebody else was quicker.',
    details: 'the detail',
  })
})

test('a person reads and writes their own rows and nobody else does', { timeout }, async () => {
  const mine = await signIn(cloud, amina.email, amina.password)
  const theirs = await signIn(cloud, bram.email, bram.password)
  const inserted = await mine
    .from('notes')
    .insert({ id: 1, amount: 1.5, body: { text: 'mine' } })
    .select()
  expect(inserted.data).toMatchObject([{ id: 1, amount: 1.5, body: { text: 'mine' }, owner: amina.id }])
  expect((await theirs.from('notes').select()).data).toEqual([])
  const stolen = await theirs.from('notes').insert({ id: 2, amount: 1, owner: amina.id })
  expect(stolen.error).toMatchObject({ code: '42501' })
  expect(stolen.status).toBe(403)
})

test('somebody who is not signed in reads nothing', { timeout }, async () => {
  const { error, status } = await connect(cloud).from('notes').select()
  expect(status).toBe(401)
  expect(error).toMatchObject({ code: '42501' })
  const rights = await withClient(cloud.databaseUrl, (client) =>
    client.query("select has_table_privilege('anon', 'public.notes', 'select') as may_read"),
  )
  // Still so after requests: the REST layer must not hand out rights by itself.
  expect(rights.rows).toEqual([{ may_read: false }])
})

test('a set ends after a thousand rows', { timeout }, async () => {
  const { data } = await connect(cloud).rpc('numbers', { how_many: 1500 })
  expect(data).toHaveLength(1000)
})

const call = (name: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${cloud.url}/rest/v1/rpc/${name}`, {
    method: 'POST',
    headers: { apikey: cloud.publishableKey, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

test('a table comes as a list of objects, and a parameter that is not given keeps its default', {
  timeout,
}, async () => {
  const two = [
    { piece: 1, half: 0.5 },
    { piece: 2, half: 1 },
  ]
  expect(await (await call('pieces')).json()).toEqual(two)
  expect(await (await call('pieces', { up_to: 1 })).json()).toEqual(two.slice(0, 1))
  expect(await (await call('numbers', { how_many: 3 })).json()).toEqual([1, 2, 3])
})

test('a function that gives nothing is answered with nothing', { timeout }, async () => {
  const response = await call('nothing')
  expect([response.status, await response.text()]).toEqual([204, ''])
})

test('a function chooses the status and headers of its answer, and reads the request', { timeout }, async () => {
  const response = await call('teapot', {}, { 'x-client': 'a test' })
  expect([response.status, response.headers.get('retry-after'), response.headers.get('x-kind')]).toEqual([
    418,
    '7',
    'tea',
  ])
  expect(await response.json()).toEqual({ path: '/rpc/teapot', method: 'POST', client: 'a test' })
})

test('a failure chooses its status, headers and body', { timeout }, async () => {
  const response = await call('chosen')
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3'])
  expect(await response.json()).toEqual({ code: 'busy', message: 'Come back later.' })
})

test('a function runs as the role of the key or the token', { timeout }, async () => {
  const client = await signIn(cloud, amina.email, amina.password)
  const service = await call('whoever', {}, { apikey: cloud.secretKey })
  expect([(await client.rpc('whoever')).data, await (await call('whoever')).json(), await service.json()]).toEqual([
    'authenticated',
    'anon',
    'service_role',
  ])
})

test('a call with another argument, or without one that is needed, names no function', { timeout }, async () => {
  const unknown = await call('numbers', { how_many: 1, colour: 'red' })
  const missing = await call('numbers')
  expect([unknown.status, missing.status]).toEqual([404, 404])
  expect(await unknown.json()).toMatchObject({ code: 'PGRST202' })
})

test('a call without a key, with a forged token or with a body that is no JSON is refused', { timeout }, async () => {
  const { signToken } = await import('./token.ts')
  const forged = signToken({ sub: amina.id, role: 'authenticated', exp: Date.now() / 1000 + 60 }, 'guessed')
  const broken = fetch(`${cloud.url}/rest/v1/rpc/echo`, {
    method: 'POST',
    headers: { apikey: cloud.publishableKey, 'content-type': 'application/json' },
    body: '{"value": ',
  })
  const answers = await Promise.all([
    call('whoever', {}, { apikey: '' }),
    call('whoever', {}, { apikey: 'sb_publishable_x' }),
    call('whoever', {}, { authorization: `Bearer ${forged}` }),
    broken,
  ])
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 400])
})

test('no key and a wrong key are refused', { timeout }, async () => {
  expect((await fetch(`${cloud.url}/rest/v1/notes`)).status).toBe(401)
  expect((await fetch(`${cloud.url}/rest/v1/notes`, { headers: { apikey: 'sb_publishable_x' } })).status).toBe(401)
  expect((await fetch(`${cloud.url}/auth/v1/settings`)).status).toBe(401)
})

test('a token signed with another secret is refused', { timeout }, async () => {
  const { signToken } = await import('./token.ts')
  const forged = signToken({ sub: amina.id, role: 'authenticated', exp: Date.now() / 1000 + 60 }, 'guessed')
  const response = await fetch(`${cloud.url}/rest/v1/notes`, {
    headers: { apikey: cloud.publishableKey, authorization: `Bearer ${forged}` },
  })
  expect(response.status).toBe(401)
})

test('nothing but the four interfaces answers', { timeout }, async () => {
  for (const path of ['/', '/_system/health', '/_system/config', '/studio', '/storage/v1x/object']) {
    const response = await fetch(`${cloud.url}${path}`, { headers: { apikey: cloud.secretKey } })
    expect([path, response.status]).toEqual([path, 404])
  }
})

test('a function runs for a signed-in person only, with their request', { timeout }, async () => {
  const client = await signIn(cloud, amina.email, amina.password)
  const { data } = await client.functions.invoke('hello', { body: { batch: 'B-1' } })
  expect(data).toEqual({ body: { batch: 'B-1' }, url: cloud.url, at: '/functions/v1/hello' })
  const signedOut = await connect(cloud).functions.invoke('hello', { body: {} })
  expect(signedOut.error.context.status).toBe(401)
  const unknown = await client.functions.invoke('constructor', { body: {} })
  expect(unknown.error.context.status).toBe(404)
  const broken = await client.functions.invoke('broken', { body: {} })
  expect(broken.error.context.status).toBe(500)
})

test('a function that was made after the start is found once the schema is forgotten', { timeout }, async () => {
  await withClient(cloud.databaseUrl, (client) =>
    client.query("create function public.latecomer(value jsonb) returns jsonb language sql as 'select value'"),
  )
  await cloud.forgetSchema()
  expect((await connect(cloud).rpc('latecomer', { value: 'here' })).data).toBe('here')
})
