import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkSigningCertificate } from '../../electron/signing/check-signing-certificate.ts'
import { openPkcs12 } from '../../electron/signing/open-pkcs12.ts'
import type { SigningKey } from '../../electron/signing/signer.ts'
import { type DemoKey, ensureDemoAuthority } from './ensure-demo-authority.ts'

const people = [
  { email: 'ines@demo.example', name: 'Inés Marín', organisation: 'Cuenca Assurance' },
  { email: 'bo@demo.example', name: 'Bo Lindqvist', organisation: 'Nordlys Verification' },
]

let directory: string
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'veridesk-authority-')), 'authority')
})
afterEach(() => {
  rmSync(join(directory, '..'), { recursive: true, force: true })
})

async function open(key: DemoKey | undefined): Promise<SigningKey> {
  const opened = await openPkcs12(readFileSync(key?.p12Path ?? ''), key?.passphrase ?? '')
  if (!opened.ok) throw new Error(opened.error.message)
  return opened.value
}

const contents = (): string[] =>
  readdirSync(directory)
    .sort()
    .map((name) => `${name} ${readFileSync(join(directory, name)).toString('base64')}`)

describe('the demo authority', () => {
  it('gives each person a key that may sign, RSA for the first and P-256 for the second', async () => {
    const { keys, rootPem, rootPath } = await ensureDemoAuthority(directory, people)
    expect(readFileSync(rootPath, 'utf8')).toBe(rootPem)
    const root = new X509Certificate(rootPem)
    for (const [index, person] of people.entries()) {
      const key = await open(keys.get(person.email))
      expect(key.algorithm).toBe(index === 0 ? 'rsa' : 'ec')
      expect(key.certificate).toMatchObject({
        commonName: person.name,
        email: person.email,
        organisation: person.organisation,
      })
      expect(checkSigningCertificate(key.certificateDer, new Date()).ok).toBe(true)
      const issuing = new X509Certificate(key.chainDer[0] ?? Buffer.alloc(0))
      expect(issuing.verify(root.publicKey)).toBe(true)
    }
  })

  it('changes nothing when it is asked again', async () => {
    await ensureDemoAuthority(directory, people)
    const before = contents()
    await ensureDemoAuthority(directory, people)
    expect(contents()).toEqual(before)
  })

  it('adds a key for a new person and leaves the others', async () => {
    const { keys } = await ensureDemoAuthority(directory, people.slice(0, 1))
    const first = readFileSync(keys.get('ines@demo.example')?.p12Path ?? '')
    const again = await ensureDemoAuthority(directory, people)
    expect(readFileSync(again.keys.get('ines@demo.example')?.p12Path ?? '')).toEqual(first)
    expect((await open(again.keys.get('bo@demo.example'))).certificate.commonName).toBe('Bo Lindqvist')
  })

  it.skipIf(process.platform === 'win32')('keeps its files from everyone but their owner', async () => {
    await ensureDemoAuthority(directory, people)
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })

  it('begins again when its own key was lost, and renews every key below it', async () => {
    const before = await ensureDemoAuthority(directory, people)
    writeFileSync(join(directory, 'authority.json'), '{"root":')
    const after = await ensureDemoAuthority(directory, people)
    expect(after.rootPem).not.toBe(before.rootPem)
    const issuing = new X509Certificate(
      (await open(after.keys.get('ines@demo.example'))).chainDer[0] ?? Buffer.alloc(0),
    )
    expect(issuing.verify(new X509Certificate(after.rootPem).publicKey)).toBe(true)
  })

  it('renews keys that are about to expire', async () => {
    const now = new Date()
    await ensureDemoAuthority(directory, people.slice(0, 1), { now: new Date(now.getTime() - 3 * 365 * 86_400_000) })
    const { keys } = await ensureDemoAuthority(directory, people.slice(0, 1), { now })
    expect(checkSigningCertificate((await open(keys.get('ines@demo.example'))).certificateDer, now).ok).toBe(true)
  })
})
