import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CaseContext } from '../database/case-context.ts'
import { openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import type { Log } from '../platform/log.ts'
import { importSigningKey, removeSigningKey, signingKeyState, unlockSigningKey } from './signing-key.ts'
import { auditLog, auditorKey, fillDisk, keyPassphrase } from './testing.ts'

const day = 24 * 60 * 60 * 1000

let workspace: TestWorkspace
let context: CaseContext
beforeEach(() => {
  workspace = openTestWorkspace()
  context = workspace.as(people.auditor)
})
afterEach(() => workspace.dispose())

const load = (bytes: Uint8Array, passphrase = keyPassphrase) => importSigningKey(context, { bytes, passphrase })
const log = () => auditLog(workspace, ['signing_key.imported', 'signing_key.removed'])
const notConfigured = { ok: true, value: { configured: false, subject: null, problem: null } }

describe('importing a key', () => {
  test.each([
    ['rsa', 'RSA 2048'],
    ['ec', 'ECDSA P-256'],
  ] as const)('of kind %s makes it ready to sign', async (algorithm, words) => {
    const imported = await load(await auditorKey({ algorithm }))
    expect(imported).toMatchObject({
      ok: true,
      value: {
        configured: true,
        subject: 'Arun Mehta',
        issuer: 'Veridesk Test Issuing CA',
        notBefore: '2026-10-21T09:00:00.000Z',
        algorithm: words,
        problem: null,
      },
    })
    expect(signingKeyState(context)).toEqual(imported)
    expect(await unlockSigningKey(context, keyPassphrase)).toMatchObject({ ok: true, value: { algorithm } })
  })

  test('is refused with the wrong passphrase, and the key that was there stays', async () => {
    const first = await load(await auditorKey())
    const wrong = await load(await auditorKey(), 'Correct horse battery staple')
    expect(wrong).toMatchObject({
      ok: false,
      error: { code: 'signing_key_wrong_passphrase', action: expect.stringContaining('passphrase') },
    })
    expect(signingKeyState(context)).toEqual(first)
    expect(log()).toHaveLength(1)
  })

  test('is refused for a file that is no key file, whatever it is instead', async () => {
    const key = await auditorKey()
    const text = new TextEncoder()
    for (const bytes of [
      new Uint8Array(0),
      text.encode('%PDF-1.7\n'),
      text.encode('-----BEGIN CERTIFICATE-----'),
      key.subarray(0, key.length / 2),
      new Uint8Array(4096).fill(0x30),
    ])
      expect(await load(bytes)).toMatchObject({
        ok: false,
        error: { code: 'signing_key_unreadable', action: expect.stringContaining('PKCS#12') },
      })
    expect(signingKeyState(context)).toMatchObject(notConfigured)
    expect(log()).toEqual([])
  })

  test('is refused for a file that is far too large, before it is looked at', async () => {
    const padded = new Uint8Array(1_000_001)
    padded.set(await auditorKey())
    expect(await load(padded)).toMatchObject({
      ok: false,
      error: { code: 'signing_key_unreadable', message: expect.stringContaining('too large') },
    })
  })

  test.each([
    ['expired', 'signing_certificate_expired', 'expired on 2026-11-19'],
    ['not-yet-valid', 'signing_certificate_not_yet_valid', 'valid from 2026-12-20'],
    ['not-for-signing', 'signing_certificate_not_for_signing', 'not meant for signatures'],
    ['authority', 'signing_certificate_not_for_signing', 'certificate authority'],
  ] as const)('is refused when its certificate is %s', async (variant, code, message) => {
    expect(await load(await auditorKey({ variant }))).toMatchObject({
      ok: false,
      error: { code, message: expect.stringContaining(message), action: expect.any(String) },
    })
    expect(signingKeyState(context)).toMatchObject(notConfigured)
  })

  test.each([
    ['behind', -365, 'signing_certificate_not_yet_valid', '2025-11-20'],
    ['ahead', 3 * 365, 'signing_certificate_expired', '2029-11-19'],
  ] as const)('with the clock years %s names the day that the computer shows', async (_, days, code, shown) => {
    workspace.clock.advance(days * day)
    expect(await load(await auditorKey())).toMatchObject({
      ok: false,
      error: {
        code,
        message: expect.stringContaining(`this computer shows ${shown}`),
        action: expect.stringContaining("set the computer's clock"),
      },
    })
  })

  test('is in the audit log, and so is which key it replaced', async () => {
    await load(await auditorKey())
    await load(await auditorKey({ algorithm: 'rsa' }))
    const [first, second] = log()
    expect(first).toMatchObject({ action: 'signing_key.imported', entity_label: 'Arun Mehta', before: null })
    expect(first?.after).toMatchObject({ fingerprint: first?.entity_id, valid_to: '2028-11-19T09:00:00.000Z' })
    expect(second?.before).toEqual(first?.after)
    expect(second?.entity_id).not.toBe(first?.entity_id)
  })

  test('on a full disk keeps nothing and says so', async () => {
    const key = await auditorKey({ copies: 30 })
    fillDisk(workspace)
    expect(await load(key)).toMatchObject({ ok: false, error: { code: 'disk_full' } })
    expect(signingKeyState(context)).toMatchObject(notConfigured)
    expect(log()).toEqual([])
  })
})

describe('a key that is there', () => {
  test('shows what is in the way once its certificate has run out, and opens no more', async () => {
    await load(await auditorKey())
    workspace.clock.advance(2 * 365 * day)
    expect(signingKeyState(context)).toMatchObject({ value: { problem: null } })
    workspace.clock.advance(1)
    expect(signingKeyState(context)).toMatchObject({
      ok: true,
      value: { configured: true, problem: { code: 'signing_certificate_expired', action: expect.any(String) } },
    })
    expect(await unlockSigningKey(context, keyPassphrase)).toMatchObject({
      ok: false,
      error: { code: 'signing_certificate_expired' },
    })
  })

  test('opens with its passphrase alone', async () => {
    await load(await auditorKey())
    for (const passphrase of ['', `${keyPassphrase} `])
      expect(await unlockSigningKey(context, passphrase)).toMatchObject({
        ok: false,
        error: { code: 'signing_key_wrong_passphrase' },
      })
  })

  test('is gone when it is removed, once, with an entry in the audit log', async () => {
    await load(await auditorKey())
    expect(removeSigningKey(context)).toMatchObject(notConfigured)
    expect(removeSigningKey(context)).toMatchObject(notConfigured)
    expect(await unlockSigningKey(context, keyPassphrase)).toMatchObject({
      ok: false,
      error: { code: 'signing_key_missing', action: expect.stringContaining('Import') },
    })
    const [imported, removed, ...more] = log()
    expect(more).toEqual([])
    expect(removed).toMatchObject({ action: 'signing_key.removed', before: imported?.after, after: null })
  })
})

test('the passphrase is stored nowhere: in no table, in no log', async () => {
  const lines: string[] = []
  const note = (event: string, fields?: object): void => {
    lines.push(JSON.stringify({ event, fields }))
  }
  const watching: Log = { info: note, warn: note, error: note }
  const watched = workspace.as(people.auditor, { log: watching })
  const passphrase = keyPassphrase
  await importSigningKey(watched, { bytes: await auditorKey(), passphrase })
  await unlockSigningKey(watched, passphrase)
  await unlockSigningKey(watched, `${passphrase}!`)

  const tables = workspace.database.write((handle) =>
    handle.prepare("select name from sqlite_master where type = 'table'").all(),
  ) as readonly { readonly name: string }[]
  expect(tables.map(({ name }) => name)).toContain('signing_key')
  const needles = [
    ...(['utf8', 'utf16le'] as const).map((encoding) => Buffer.from(passphrase, encoding)),
    Buffer.from(passphrase, 'utf16le').swap16(),
    Buffer.from(passphrase).toString('base64'),
    Buffer.from(passphrase).toString('hex'),
  ]
  for (const { name } of tables) {
    const rows = workspace.database.write((handle) => handle.prepare(`select * from "${name}"`).all())
    for (const value of rows.flatMap((row) => Object.values(row as Record<string, string | number | Buffer | null>))) {
      const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value))
      for (const needle of needles) expect(bytes.includes(needle), name).toBe(false)
    }
  }
  expect(lines.join('\n')).not.toContain(passphrase)
})
