import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addPerson, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, timeout)
afterAll(() => cloud.stop())

interface Verdict {
  readonly locked: boolean
  readonly seconds?: number
  readonly message?: string
}

const ask = async (statement: string, values: readonly unknown[]): Promise<Verdict> =>
  (await cloud.owner.query<{ verdict: Verdict }>(`select ${statement} as verdict`, [...values])).rows[0]?.verdict ?? {
    locked: false,
  }
const gate = (email: string, address: string) => ask('public.login_gate($1, $2)', [email, address])
const attempt = (email: string, address: string, valid: boolean) =>
  ask('public.record_login_attempt($1, $2, $3)', [email, address, valid])
const person = async () => {
  const id = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  return { id, email: `${id}@example.org` }
}
const later = (account: string, interval: string) =>
  cloud.owner.query(
    `update private.login_guards set first_failed_at = first_failed_at - $2::interval, last_failed_at = last_failed_at - $2::interval,
       locked_until = locked_until - $2::interval where account = $1`,
    [account, interval],
  )

test('five wrong passwords lock the account for that address, and for no other', { timeout }, async () => {
  const { id, email } = await person()
  for (let count = 0; count < 4; count += 1) expect(await attempt(email, '192.0.2.1', false)).toEqual({ locked: false })
  expect(await attempt(email.toUpperCase(), '192.0.2.1', false)).toMatchObject({ locked: true, seconds: 900 })
  const locked = await gate(email, '192.0.2.1')
  expect(locked).toMatchObject({
    locked: true,
    message: 'Too many wrong passwords. Signing in is locked for 15 minutes.',
  })
  expect(await gate(email, '192.0.2.2')).toEqual({ locked: false })
  // Locked is locked: the right password does not open it, and trying on does not make it longer.
  expect((await attempt(email, '192.0.2.1', true)).locked).toBe(true)
  expect((await gate(email, '192.0.2.1')).seconds).toBeLessThanOrEqual(900)
  const seen = await (await cloud.openAs(id)).query<{ outcome: string; count: string }>(
    'select outcome, count(*) from public.login_attempts group by 1 order by 1',
  )
  expect(seen).toEqual([
    { outcome: 'locked', count: '3' },
    { outcome: 'wrong_password', count: '5' },
  ])
  const told = await (await cloud.openAs(id)).query<{ kind: string; severity: string }>(
    'select kind, severity from public.security_events',
  )
  expect(told).toEqual([{ kind: 'login_locked', severity: 'warning' }])
})

test('each lock is twice as long as the one before, and the right password clears all', { timeout }, async () => {
  const { id, email } = await person()
  const failFive = async () => {
    for (let count = 0; count < 4; count += 1) await attempt(email, '192.0.2.1', false)
    return (await attempt(email, '192.0.2.1', false)).seconds
  }
  expect(await failFive()).toBe(900)
  await later(id, '15 minutes')
  expect(await gate(email, '192.0.2.1')).toEqual({ locked: false })
  expect(await failFive()).toBe(1800)
  await later(id, '30 minutes')
  expect(await failFive()).toBe(3600)
  await later(id, '60 minutes')
  expect(await attempt(email, '192.0.2.1', true)).toEqual({ locked: false })
  expect(await failFive()).toBe(900)
})

test('wrong passwords far apart lock nothing', { timeout }, async () => {
  const { id, email } = await person()
  for (let count = 0; count < 12; count += 1) {
    expect(await attempt(email, '192.0.2.1', false)).toEqual({ locked: false })
    await later(id, '5 minutes')
  }
})

test('twenty wrong passwords from many addresses lock the account for all', { timeout }, async () => {
  const { id, email } = await person()
  for (let count = 0; count < 19; count += 1)
    expect(await attempt(email, `192.0.2.${count}`, false)).toEqual({ locked: false })
  expect((await attempt(email, '192.0.2.19', false)).locked).toBe(true)
  expect((await gate(email, '203.0.113.1')).locked).toBe(true)
  const { rows } = await cloud.owner.query('select severity from public.security_events where user_id = $1', [id])
  expect(rows).toEqual([{ severity: 'critical' }])
})

test("an address that is nobody's is locked like an account, so that the lock tells nothing", { timeout }, async () => {
  const nobody = `${randomUUID()}@example.org`
  const { email } = await person()
  for (let count = 0; count < 6; count += 1) {
    const [known, unknown] = [await attempt(email, '192.0.2.9', false), await attempt(nobody, '192.0.2.9', false)]
    expect(unknown).toEqual(known)
  }
  const kept = await cloud.owner.query('select account, user_id from public.login_attempts where account like $1', [
    'email:%',
  ])
  expect(kept.rows.length).toBeGreaterThan(0)
  expect(JSON.stringify(kept.rows)).not.toContain(nobody)
})

test("Auth's hook goes on, or answers 429 with the minutes", { timeout }, async () => {
  const { id } = await person()
  const hook = async (valid: boolean, address?: string) => {
    const event = { user_id: id, valid, ...(address === undefined ? {} : { metadata: { ip_address: address } }) }
    const { rows } = await cloud.owner.query<{ answer: unknown }>(
      'select public.hook_password_verification_attempt($1) as answer',
      [JSON.stringify(event)],
    )
    return rows[0]?.answer
  }
  // Without an address nobody is locked out by five tries.
  for (let count = 0; count < 19; count += 1) expect(await hook(false)).toEqual({ decision: 'continue' })
  const locked = {
    error: { http_code: 429, message: 'Too many wrong passwords. Signing in is locked for 15 minutes.' },
  }
  expect(await hook(false)).toEqual(locked)
  expect(await hook(true)).toEqual(locked)
  await later(id, '15 minutes')
  expect(await hook(true)).toEqual({ decision: 'continue' })
  for (let count = 0; count < 4; count += 1) expect(await hook(false, '192.0.2.4')).toEqual({ decision: 'continue' })
  expect(await hook(false, '192.0.2.4')).toEqual(locked)
  expect(await hook(true, '192.0.2.5')).toEqual({ decision: 'continue' })
})

test('attempts at once are counted one by one', { timeout }, async () => {
  const { email } = await person()
  const connections = await Promise.all(Array.from({ length: 6 }, () => cloud.connect()))
  const verdicts = await Promise.all(
    connections.map((client) =>
      client.query<{ verdict: Verdict }>(`select public.record_login_attempt($1, '192.0.2.1', false) as verdict`, [
        email,
      ]),
    ),
  )
  expect(verdicts.filter(({ rows }) => rows[0]?.verdict.locked === true).length).toBeGreaterThanOrEqual(1)
  expect((await gate(email, '192.0.2.1')).locked).toBe(true)
})

test('old attempts are swept, and nobody but the service records one', { timeout }, async () => {
  const { id } = await person()
  await cloud.owner.query(
    `insert into public.login_attempts (account, user_id, outcome, attempted_at) values ($1::text, $1::uuid, 'succeeded', now() - interval '200 days')`,
    [id],
  )
  const { rows } = await cloud.owner.query('select private.sweep_logins() as swept')
  expect(rows[0]?.swept).toBe(1)
  const session = await cloud.openAs(id)
  for (const [name, parameters] of [
    ['login_gate', { p_email: 'x', p_address: '' }],
    ['record_login_attempt', { p_email: 'x', p_address: '', p_valid: true }],
    ['hook_password_verification_attempt', { event: {} }],
  ] as const)
    await expect(session.call(name, parameters), name).rejects.toMatchObject({ code: '42501' })
})
