import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import pg from 'pg'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createAuthUser, type LocalCloud, startLocalCloud } from '../../../tools/local-cloud/index.ts'
import { migrationsDirectory, SERVER_TEST_MS } from '../../tests/support.ts'

const timeout = SERVER_TEST_MS
interface Received {
  readonly to: readonly string[]
  readonly text: string
}
const received: Received[] = []
let refusal: { readonly code: number; readonly text: string } | null = null
const mailServer = new SMTPServer({
  logger: false,
  disabledCommands: ['STARTTLS'],
  allowInsecureAuth: true,
  onAuth: ({ username, password }, _session, done) =>
    username === 'veridesk' && password === 'secret'
      ? done(null, { user: username })
      : done(new Error('wrong password')),
  onRcptTo: (_address, _session, done) =>
    refusal === null ? done() : done(Object.assign(new Error(refusal.text), { responseCode: refusal.code })),
  onData: (stream, session, done) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      received.push({
        to: session.envelope.rcptTo.map(({ address }) => address),
        text: Buffer.concat(chunks).toString(),
      })
      done()
    })
  },
})
let folder: string
let cloud: LocalCloud
let owner: pg.Client
const settings: Record<string, string> = {}
let complete: Record<string, string>
beforeAll(async () => {
  const listening = mailServer.listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  complete = {
    VERIDESK_ENVIRONMENT: 'development',
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String((listening.address() as AddressInfo).port),
    SMTP_USER: 'veridesk',
    SMTP_PASSWORD: 'secret',
    SUPPORT_ADDRESS: 'support@veridesk.example',
  }
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-mail-'))
  chmodSync(folder, 0o711)
  cloud = await startLocalCloud({
    dataDirectory: folder,
    migrationsDirectory,
    durable: false,
    functionSettings: settings,
  })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  await new Promise<void>((resolve) => mailServer.close(() => resolve()))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)
beforeEach(() => {
  received.length = 0
  refusal = null
  Object.assign(settings, complete)
})

const eventually = <Value>(look: () => Value | Promise<Value>) => vi.waitFor(look, { timeout: 60_000, interval: 50 })
interface Person {
  readonly id: string
  readonly email: string
  readonly client: SupabaseClient
  readonly token: string
}
const signIn = async (role: string, name = 'Ann Auditor', approval = 'approved'): Promise<Person> => {
  const id = randomUUID()
  const email = `${id}@example.org`
  const password = 'correct horse battery staple'
  await createAuthUser(owner, { id, email, password, userMetadata: { name } })
  await owner.query('update public.users set role = $2, approval_status = $3 where id = $1', [id, role, approval])
  const client = createClient(cloud.url, cloud.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  })
  const { data } = await client.auth.signInWithPassword({ email, password })
  return { id, email, client, token: data.session?.access_token ?? '' }
}
const ask = (key: string, body: unknown) =>
  fetch(`${cloud.url}/functions/v1/send-support-email`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
/** What arrived about a person or to them; mail of an earlier test may still come in. */
const arrived = (person: Person): readonly Received[] =>
  received.filter(({ to, text }) => to.includes(person.email) || text.includes(`account ${person.id}`))
const mail = { subject: 'Scale ticket', message: 'It is not readable.', priority: 'high' }
const jobOf = async (id: string) =>
  (
    await owner.query<{ state: string; attempts: number; last_error: string }>(
      `select state, attempts, last_error from private.job_queue where payload ->> 'mail_id' = $1`,
      [id],
    )
  ).rows[0]

test('a person writes to support and the answer would go to them', { timeout }, async () => {
  const person = await signIn('recycler')
  const { id, email, client, token } = person
  const answered = await ask(token, { user_id: id, ...mail })
  expect(answered.status).toBe(202)
  const { mail_id: mailId } = await answered.json()
  await eventually(() => expect(arrived(person)).toHaveLength(1))
  const [{ to, text }] = arrived(person) as [Received]
  expect(to).toEqual(['support@veridesk.example'])
  expect(text).toMatch(/^Subject: Scale ticket\r$/m)
  expect(text).toContain(`Reply-To: Ann Auditor <${email}>`)
  expect(text).toContain(`Message-ID: <${mailId}@veridesk.example>`)
  expect(text).toMatch(/^X-Priority: 1/m)
  expect(text).toContain('It is not readable.')
  await eventually(async () =>
    expect((await client.rpc('list_support_emails')).data).toMatchObject([
      { id: mailId, state: 'sent', subject: 'Scale ticket' },
    ]),
  )
})

test('an administrator and the service write to a person; nobody else does', { timeout }, async () => {
  const [admin, buyer] = [await signIn('admin'), await signIn('buyer')]
  for (const key of [admin.token, cloud.secretKey])
    expect((await ask(key, { user_id: buyer.id, ...mail })).status).toBe(202)
  await eventually(() => expect(arrived(buyer).map(({ to }) => to)).toEqual([[buyer.email], [buyer.email]]))
  const refused = await ask(buyer.token, { user_id: admin.id, ...mail })
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({ success: false, code: 'not_allowed' })
  expect((await ask(cloud.publishableKey, { user_id: buyer.id, ...mail })).status).toBe(401)
  const stolen = await ask(buyer.token, { mail_id: randomUUID() })
  expect(stolen.status, 'mail is sent by jobs alone').toBe(403)
})

test('whoever waits for approval may write, five times in an hour and not a sixth, also at once', {
  timeout,
}, async () => {
  const { id, token } = await signIn('verifier', 'Waiting', 'pending')
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(token, { user_id: id, ...mail })))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 202, 202, 202, 202, 429, 429, 429])
  await owner.query(`update private.mails set created_at = created_at - interval '61 minutes' where user_id = $1`, [id])
  expect((await ask(token, { user_id: id, ...mail })).status).toBe(202)
})

test('headers cannot be injected and sizes are bounded', { timeout }, async () => {
  const { id, token } = await signIn('buyer')
  const wrong: readonly (readonly [object, number, string])[] = [
    [{ subject: 'Hello\r\nBcc: everybody@example.org' }, 400, 'invalid_subject'],
    [{ subject: 'Hello\nX: y' }, 400, 'invalid_subject'],
    [{ subject: ' ' }, 400, 'invalid_subject'],
    [{ subject: 'x'.repeat(201) }, 400, 'invalid_subject'],
    [{ message: 'x'.repeat(20_001) }, 400, 'invalid_message'],
    [{ message: '' }, 400, 'invalid_message'],
    [{ priority: 'urgent' }, 400, 'invalid_priority'],
    [{ message: 'x'.repeat(200_000) }, 413, 'too_large'],
    [{ user_id: randomUUID() }, 403, 'not_allowed'],
  ]
  for (const [change, status, code] of wrong) {
    const answer = await ask(token, { user_id: id, ...mail, ...change })
    expect([answer.status, (await answer.json()).code], JSON.stringify(change).slice(0, 60)).toEqual([status, code])
  }
  const named = await signIn('buyer', 'Eve\r\nBcc: everybody@example.org')
  expect((await ask(named.token, { user_id: named.id, ...mail, message: '.\r\nQUIT\r\n.\r\nafter' })).status).toBe(202)
  await eventually(() => expect(arrived(named)).toHaveLength(1))
  expect(arrived(named)[0]?.to).toEqual(['support@veridesk.example'])
  expect(arrived(named)[0]?.text).not.toMatch(/^Bcc:/im)
  expect(arrived(named)[0]?.text).toContain('after')
})

test('without a mail server the mail waits, visibly and uncounted, and goes when there is one', {
  timeout,
}, async () => {
  const person = await signIn('buyer')
  const { id, client, token } = person
  for (const name of Object.keys(settings)) delete settings[name]
  const { mail_id: mailId } = await (await ask(token, { user_id: id, ...mail })).json()
  await eventually(async () =>
    expect((await client.rpc('list_support_emails')).data).toMatchObject([
      { state: 'waiting_for_settings', last_error: 'SMTP_HOST and SUPPORT_ADDRESS are not set.' },
    ]),
  )
  await eventually(async () => expect(await jobOf(mailId)).toMatchObject({ state: 'waiting', attempts: 0 }))
  Object.assign(settings, complete)
  await owner.query(`update private.job_queue set run_after = now() where payload ->> 'mail_id' = $1`, [mailId])
  await eventually(() => expect(arrived(person)).toHaveLength(1))
  await eventually(async () => expect(await jobOf(mailId)).toMatchObject({ state: 'done' }))
})

test('a mail that the server cannot take now is tried again; one that it refuses is shown as failed', {
  timeout,
}, async () => {
  const person = await signIn('buyer')
  const { id, client, token } = person
  refusal = { code: 451, text: 'Come back later' }
  const { mail_id: first } = await (await ask(token, { user_id: id, ...mail })).json()
  await eventually(async () => expect(await jobOf(first)).toMatchObject({ state: 'waiting', attempts: 1 }))
  refusal = { code: 550, text: 'No such mailbox' }
  await owner.query(`update private.job_queue set run_after = now() where payload ->> 'mail_id' = $1`, [first])
  await eventually(async () => expect(await jobOf(first)).toMatchObject({ state: 'dead', attempts: 2 }))
  expect((await client.rpc('list_support_emails')).data).toMatchObject([
    { state: 'failed', last_error: expect.stringContaining('No such mailbox') },
  ])
  refusal = null
  const admin = await signIn('admin')
  const { data: dead } = await admin.client.rpc('list_dead_jobs')
  expect(dead).toMatchObject([{ kind: 'mail.send', payload: { mail_id: first } }])
  expect((await admin.client.rpc('retry_dead_job', { p_job: dead[0].id })).data).toBe(true)
  await eventually(() => expect(arrived(person)).toHaveLength(1))
})
