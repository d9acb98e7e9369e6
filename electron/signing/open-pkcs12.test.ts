import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openPkcs12 } from './open-pkcs12.ts'
import { type IssuedCertificate, toPem } from './testing/issue-certificate.ts'
import { makePkcs12 } from './testing/make-pkcs12.ts'
import { hasTool, mustRun } from './testing/run-tool.ts'
import { createTestAuthority, issueTestCertificate, type TestAuthority } from './testing/test-authority.ts'

const now = new Date()
let authority: TestAuthority
const people = new Map<string, IssuedCertificate>()

beforeAll(async () => {
  authority = await createTestAuthority(now)
  for (const algorithm of ['rsa', 'ec'] as const) {
    people.set(algorithm, await issueTestCertificate(authority, { commonName: 'Inés' }, now, { algorithm }))
  }
}, 60_000)

function person(algorithm: string): IssuedCertificate {
  const found = people.get(algorithm)
  if (found === undefined) throw new Error('Not issued')
  return found
}

async function expectToSign(file: Uint8Array, algorithm: string): Promise<void> {
  const opened = await openPkcs12(file, 'open sesame')
  if (!opened.ok) throw new Error(opened.error.message)
  expect(opened.value).toMatchObject({ algorithm, certificate: { commonName: 'Inés' } })
  expect(opened.value.chainDer.map((der) => new X509Certificate(der).subject)).toEqual([
    new X509Certificate(authority.issuing.certificateDer).subject,
  ])
  const key = createPublicKey(
    new X509Certificate(opened.value.certificateDer).publicKey.export({ format: 'pem', type: 'spki' }),
  )
  const data = new TextEncoder().encode('data')
  expect(verify('sha256', data, key, await opened.value.sign(data))).toBe(true)
}

describe('a PKCS#12 file', () => {
  it.each(['rsa', 'ec'])('opens with its passphrase and signs: %s', async (algorithm) => {
    const chain = [authority.issuing.certificateDer, authority.root.certificateDer]
    await expectToSign(await makePkcs12(person(algorithm), chain, 'open sesame'), algorithm)
  })

  it('finds its own certificate when another one stands first', async () => {
    const own = person('ec')
    const swapped = { ...own, certificateDer: authority.issuing.certificateDer }
    await expectToSign(await makePkcs12(swapped, [own.certificateDer], 'open sesame'), 'ec')
  })

  it('fails with a wrong passphrase and says so', async () => {
    const file = await makePkcs12(person('ec'), [], 'open sesame')
    for (const passphrase of ['', 'Open sesame', 'open sesame ']) {
      const opened = await openPkcs12(file, passphrase)
      expect(opened).toMatchObject({ ok: false, error: { code: 'signing_key_wrong_passphrase' } })
    }
  })

  it('is unreadable when it is damaged, cut off or something else', async () => {
    const file = await makePkcs12(person('ec'), [], 'open sesame')
    for (const bytes of [new Uint8Array(), Buffer.from('%PDF-1.7'), file.subarray(0, file.length / 2)]) {
      const opened = await openPkcs12(bytes, 'open sesame')
      expect(opened).toMatchObject({ ok: false, error: { code: 'signing_key_unreadable' } })
    }
  })

  it('is unreadable when its certificate belongs to another key', async () => {
    const mixed = { ...person('ec'), certificateDer: person('rsa').certificateDer }
    const opened = await openPkcs12(await makePkcs12(mixed, [], 'open sesame'), 'open sesame')
    expect(opened).toMatchObject({ ok: false, error: { code: 'signing_key_unreadable' } })
  })
})

describe.skipIf(!hasTool('openssl'))('a PKCS#12 file from OpenSSL', () => {
  it.each([
    ['rsa', []],
    ['ec', []],
    ['rsa', ['-legacy']],
  ])('opens and signs: %s %j', async (algorithm, options) => {
    const folder = mkdtempSync(join(tmpdir(), 'veridesk-pkcs12-'))
    const path = (name: string): string => join(folder, name)
    const key = Buffer.from(person(algorithm).privateKeyDer).toString('base64')
    writeFileSync(path('key.pem'), `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`)
    writeFileSync(path('own.pem'), toPem(person(algorithm).certificateDer))
    writeFileSync(path('chain.pem'), toPem(authority.issuing.certificateDer))
    const input = ['-inkey', path('key.pem'), '-in', path('own.pem'), '-certfile', path('chain.pem')]
    mustRun('openssl', ['pkcs12', '-export', ...options, ...input, '-passout', 'pass:open sesame', '-out', path('p12')])
    const file = readFileSync(path('p12'))
    rmSync(folder, { recursive: true })
    await expectToSign(file, algorithm)
  })
})
