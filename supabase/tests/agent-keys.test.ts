import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { edgeFunctions } from '../../tools/local-cloud/edge-functions.ts'
import { type LocalCloud, startLocalCloud } from '../../tools/local-cloud/index.ts'
import { addBatches, addOrganization, addPerson, addProject, migrationsDirectory, SERVER_TEST_MS } from './support.ts'

const timeout = SERVER_TEST_MS
let folder: string
let cloud: LocalCloud
let owner: pg.Client
let admin: string
let recycler: string
let works: string
let registry: string
let body: string
let mine: string[]
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-keys-'))
  chmodSync(folder, 0o711)
  cloud = await startLocalCloud({
    dataDirectory: folder,
    migrationsDirectory,
    durable: false,
    functions: edgeFunctions,
  })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
  const organize = async (name: string, kind: string) => {
    const id = await addOrganization(owner, name)
    await owner.query('update public.organizations set kind = $2 where id = $1', [id, kind])
    return id
  }
  works = await organize('Works', 'recycler')
  registry = await organize('Registry', 'registry')
  body = await organize('Body', 'verification_body')
  admin = await addPerson(owner, { role: 'admin' })
  recycler = await addPerson(owner, { role: 'recycler', organizationId: works, name: '=Ann' })
  const other = await addPerson(owner, { role: 'recycler' })
  const verifier = await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier' })
  mine = await addBatches(owner, await addProject(owner, recycler), 3, 'under_review')
  const [others = ''] = await addBatches(owner, await addProject(owner, other), 1, 'under_review')
  await owner.query('update public.batches set verification_body_id = $2 where id = $1', [others, body])
  await owner.query(`update public.batches set description = '=cmd,"x"' where id = $1`, [mine[0]])
  for (const batch of [...mine, others])
    await owner.query(
      `insert into public.decisions (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at)
       values (gen_random_uuid(), $1, $2, 'approve', 'under_review', 'approved', 'conforms', 'fine', repeat('ab', 32), now())`,
      [batch, verifier],
    )
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)

interface MadeKey {
  readonly id: string
  readonly key: string
  readonly prefix: string
}

const as = async <Answer>(person: string, statement: string, values: readonly unknown[]): Promise<Answer> => {
  await owner.query('begin')
  try {
    await owner.query(`select set_config('request.jwt.claims', $1, true)`, [
      JSON.stringify({ sub: person, role: 'authenticated' }),
    ])
    await owner.query('set local role authenticated')
    const { rows } = await owner.query<{ answer: Answer }>(`select ${statement} as answer`, [...values])
    await owner.query('commit')
    if (rows[0] === undefined) throw new Error('a function has an answer')
    return rows[0].answer
  } catch (error) {
    await owner.query('rollback')
    throw error
  }
}

const makeKey = (organization: string, scopes: readonly string[], rate = 600, expires: string | null = null) =>
  as<MadeKey>(admin, 'public.create_agent_key($1, $2, $3, $4, $5)', [organization, 'Dashboard', scopes, rate, expires])

const fetchExport = (key: string, query: string, init: RequestInit = {}) =>
  fetch(`${cloud.url}/functions/v1/exports?${query}`, { ...init, headers: { authorization: `Bearer ${key}` } })

const linesOf = async (answer: Response): Promise<Record<string, unknown>[]> =>
  (await answer.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

test('a key is shown once, kept as a hash, and made by administrators alone', { timeout }, async () => {
  const made = await makeKey(works, ['export.decisions'])
  expect(made.key).toMatch(/^vdk_[0-9a-f]{8}_[0-9a-f]{64}$/)
  const { rows } = await owner.query(
    `select key_hash = sha256(decode(split_part($2, '_', 3), 'hex')) as hashed, to_jsonb(k)::text as whole from public.agent_keys k where id = $1`,
    [made.id, made.key],
  )
  expect(rows[0].hashed).toBe(true)
  expect(rows[0].whole).not.toContain(made.key.split('_')[2])
  const listed = await as<object[]>(admin, 'public.list_agent_keys()', [])
  expect(JSON.stringify(listed)).not.toMatch(/key_hash|[0-9a-f]{64}/)
  await expect(
    as(recycler, 'public.create_agent_key($1, $2, $3)', [works, 'Mine', ['export.decisions']]),
  ).rejects.toMatchObject({ detail: 'not_allowed' })
  for (const values of [
    [works, '', ['export.decisions']],
    [works, 'x', []],
    [works, 'x', ['everything']],
  ])
    await expect(as(admin, 'public.create_agent_key($1, $2, $3)', values)).rejects.toMatchObject({ code: 'PT400' })
})

test("an organization's program gets its own rows, page by page, without what is personal", { timeout }, async () => {
  const { key } = await makeKey(works, ['export.decisions', 'export.batches'])
  const first = await fetchExport(key, 'dataset=decisions&limit=2')
  expect(first.status).toBe(200)
  const cursor = first.headers.get('x-next-cursor')
  const rows = await linesOf(first)
  const rest = await fetchExport(key, `dataset=decisions&limit=2&cursor=${cursor}`)
  expect(rest.headers.get('x-next-cursor')).toBeNull()
  rows.push(...(await linesOf(rest)))
  expect(rows.map(({ batch_id }) => batch_id).sort()).toEqual([...mine].sort())
  const { rows: real } = await owner.query<{ actor_id: string }>('select distinct actor_id from public.decisions')
  // One person stays one person under another id.
  const actors = new Set(rows.map(({ actor_id }) => actor_id))
  expect(actors.size).toBe(1)
  expect(actors.has(real[0]?.actor_id)).toBe(false)
  expect(rows[0]).toMatchObject({ action: 'approve', reason: 'fine', device_id: null })
})

test('what is personal is told to a key that may be told it', { timeout }, async () => {
  const { key } = await makeKey(works, ['export.batches', 'personal'])
  const rows = await linesOf(await fetchExport(key, 'dataset=batches'))
  expect(rows.map(({ user_id }) => user_id)).toEqual([recycler, recycler, recycler])
})

test('each kind of organization reaches what is its own', { timeout }, async () => {
  const count = async (organization: string) =>
    (await linesOf(await fetchExport((await makeKey(organization, ['export.batches'])).key, 'dataset=batches'))).length
  expect(await count(registry)).toBe(4)
  expect(await count(body)).toBe(1)
  expect(await count(await addOrganization(owner, 'Somebody else'))).toBe(0)
})

test('comma-separated values are quoted, and no cell is a formula', { timeout }, async () => {
  const { key } = await makeKey(works, ['export.batches'])
  const answer = await fetchExport(key, 'dataset=batches&format=csv')
  expect(answer.headers.get('content-type')).toMatch(/^text\/csv/)
  const text = await answer.text()
  expect(text.split('\r\n')[0]).toContain('batch_hash')
  expect(text).toContain(`"'=cmd,""x"""`)
})

test('anchors of the audit trail are fetched in their order', { timeout }, async () => {
  const { key } = await makeKey(works, ['export.audit_anchors'])
  const answer = await fetchExport(key, 'dataset=audit_anchors')
  expect(answer.status).toBe(200)
  const { rows } = await owner.query('select count(*)::integer as count from public.audit_anchors')
  expect(await linesOf(answer)).toHaveLength(rows[0].count)
})

test('a key that is wrong, revoked or over is refused with one answer', { timeout }, async () => {
  const { id, key } = await makeKey(works, ['export.batches'])
  expect((await fetchExport(key, 'dataset=batches')).status).toBe(200)
  await as(admin, 'public.revoke_agent_key($1, $2)', [id, 'not needed'])
  const over = await makeKey(works, ['export.batches'])
  await owner.query(`update public.agent_keys set expires_at = now() - interval '1 second' where id = $1`, [over.id])
  const flipped = `${over.key.slice(0, -1)}${over.key.endsWith('0') ? '1' : '0'}`
  const answers = await Promise.all(
    [key, over.key, flipped, 'vdk_', cloud.secretKey].map(async (wrong) => {
      const answer = await fetchExport(wrong, 'dataset=batches')
      return [answer.status, await answer.json()]
    }),
  )
  for (const answer of answers) expect(answer).toEqual([401, expect.objectContaining({ code: 'key_refused' })])
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  await expect(owner.query('update public.agent_keys set revoked_at = null where id = $1', [id])).rejects.toMatchObject(
    {
      detail: 'immutable',
    },
  )
})

test('a key does not reach what it was not made for', { timeout }, async () => {
  const { key } = await makeKey(works, ['export.batches'])
  const refusal = await fetchExport(key, 'dataset=decisions')
  expect([refusal.status, await refusal.json()]).toEqual([403, expect.objectContaining({ code: 'scope_missing' })])
  expect((await fetchExport(key, 'dataset=users')).status).toBe(404)
  expect((await fetchExport(key, 'dataset=batches&cursor=x')).status).toBe(400)
  expect((await fetchExport(key, 'dataset=batches&format=xml')).status).toBe(400)
  expect((await fetchExport(key, 'dataset=batches', { method: 'POST' })).status).toBe(405)
  // It is a key of exports and of nothing else.
  const rest = await fetch(`${cloud.url}/rest/v1/batches?select=id`, {
    headers: { apikey: cloud.publishableKey, authorization: `Bearer ${key}` },
  })
  expect(rest.status === 401 || (await rest.text()) === '[]' || rest.status === 403).toBe(true)
})

test('each key has its own rate, and says when it answers again', { timeout }, async () => {
  const [slow, other] = [await makeKey(works, ['export.batches'], 2), await makeKey(works, ['export.batches'], 2)]
  const statuses: number[] = []
  let last: Response | null = null
  // Two windows at the most lie under four calls, and each lets two through.
  for (let count = 0; count < 5; count += 1) {
    last = await fetchExport(slow.key, 'dataset=batches')
    statuses.push(last.status)
  }
  expect(statuses.slice(0, 2)).toEqual([200, 200])
  expect(statuses.at(-1)).toBe(429)
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(await last?.json()).toMatchObject({ success: false, code: 'rate_limited' })
  expect((await fetchExport(other.key, 'dataset=batches')).status).toBe(200)
})

test('a key takes out no more rows in a day than its organization may', { timeout }, async () => {
  await owner.query('insert into public.quotas (organization_id, storage_bytes, daily_key_rows) values ($1, 1000, 3)', [
    registry,
  ])
  const { key } = await makeKey(registry, ['export.batches'])
  expect(await linesOf(await fetchExport(key, 'dataset=batches&limit=2'))).toHaveLength(2)
  expect(await linesOf(await fetchExport(key, 'dataset=batches&limit=2'))).toHaveLength(1)
  const refusal = await fetchExport(key, 'dataset=batches')
  expect(refusal.status).toBe(429)
  expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  await owner.query('delete from public.quotas where organization_id = $1', [registry])
})

test("every call is in the audit trail under the program's name", { timeout }, async () => {
  const { id, key, prefix } = await makeKey(works, ['export.batches'])
  await fetchExport(key, 'dataset=batches&limit=2')
  const { rows } = await owner.query(
    `select actor_type, actor, action, table_name, new_values from public.audit_logs where record_id = $1 and action = 'EXPORT'`,
    [id],
  )
  expect(rows).toEqual([
    {
      actor_type: 'agent',
      actor: 'agent:Dashboard',
      action: 'EXPORT',
      table_name: 'batches',
      new_values: { key_prefix: prefix, after: null, rows: 2, personal: false },
    },
  ])
})

test('every column of every table has a class, and one without leaves nothing', { timeout }, async () => {
  const { rows } = await owner.query<{ name: string }>('select * from private.unclassified_columns() as t (name)')
  expect(rows.map(({ name }) => name)).toEqual([])
  const salt = randomUUID()
  const mask = async (personal: boolean) =>
    (
      await owner.query<{ masked: Record<string, unknown> }>('select private.mask_row($1, $2, $3, $4) as masked', [
        'users',
        JSON.stringify({ id: recycler, name: 'Ann', role: 'recycler', invented: 1 }),
        personal,
        salt,
      ])
    ).rows[0]?.masked
  expect(await mask(true)).toEqual({ id: recycler, name: 'Ann', role: 'recycler' })
  expect(await mask(false)).toEqual({ id: expect.not.stringMatching(recycler), name: null, role: 'recycler' })
  const webhook = await owner.query('select private.mask_row($1, $2, true, $3) as masked', [
    'webhooks',
    JSON.stringify({ name: 'x', secret: 'y' }),
    salt,
  ])
  expect(webhook.rows[0].masked).toEqual({ name: 'x' })
})
