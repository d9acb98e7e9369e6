import { beforeAll, describe, expect, it } from 'vitest'
import { checkSigningCertificate } from './check-signing-certificate.ts'
import { issueCertificate } from './testing/issue-certificate.ts'
import {
  type CertificateVariant,
  createTestAuthority,
  issueTestCertificate,
  type TestAuthority,
} from './testing/test-authority.ts'

const now = new Date('2026-11-20T21:33:00.000Z')
let authority: TestAuthority

beforeAll(async () => {
  authority = await createTestAuthority(now)
})

const issue = async (variant: CertificateVariant): Promise<Uint8Array> =>
  (await issueTestCertificate(authority, { commonName: 'Inés Marín' }, now, { variant, algorithm: 'ec' }))
    .certificateDer

describe('a signing certificate', () => {
  it('may sign while it is valid', async () => {
    expect(checkSigningCertificate(await issue('proper'), now)).toMatchObject({
      ok: true,
      value: { commonName: 'Inés Marín' },
    })
  })

  it.each([
    ['expired', 'signing_certificate_expired'],
    ['not-yet-valid', 'signing_certificate_not_yet_valid'],
    ['not-for-signing', 'signing_certificate_not_for_signing'],
    ['authority', 'signing_certificate_not_for_signing'],
  ] as const)('may not sign when it is %s', async (variant, code) => {
    const checked = checkSigningCertificate(await issue(variant), now)
    expect(checked).toMatchObject({ ok: false, error: { code, action: expect.any(String) } })
  })

  it('may not sign when it does not say what its key is for', async () => {
    const { certificateDer } = await issueCertificate({
      commonName: 'Anything',
      algorithm: 'ec',
      validFrom: new Date(now.getTime() - 1e9),
      validTo: new Date(now.getTime() + 1e9),
      usage: [],
      authority: null,
      issuer: authority.issuing,
    })
    expect(checkSigningCertificate(certificateDer, now)).toMatchObject({
      error: { code: 'signing_certificate_not_for_signing' },
    })
  })

  it('names the date that the computer shows, since a wrong clock is the likely cause', async () => {
    const der = await issue('proper')
    for (const at of ['2021-11-20T21:33:00.000Z', '2031-11-20T21:33:00.000Z']) {
      const checked = checkSigningCertificate(der, new Date(at))
      if (checked.ok) throw new Error('A certificate out of its time was accepted')
      expect(checked.error.message).toContain(at.slice(0, 10))
      expect(checked.error.action).toContain('clock')
    }
  })

  it('is unreadable when it is no certificate', () => {
    expect(checkSigningCertificate(Buffer.from('no'), now)).toMatchObject({ error: { code: 'signing_key_unreadable' } })
  })
})
