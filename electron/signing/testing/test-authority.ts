import { createPrivateKey, sign } from 'node:crypto'
import type { Signer } from '../signer.ts'
import { type IssuedCertificate, issueCertificate } from './issue-certificate.ts'

/** A root and an authority below it, as organisations that issue signing certificates have them. */
export interface TestAuthority {
  /** The trust anchor. */
  readonly root: IssuedCertificate
  /** Issues to people; its own certificate is what a signer encloses. */
  readonly issuing: IssuedCertificate
}

/** Certificates that differ from a proper signing certificate in the one way that their name says. */
export type CertificateVariant = 'proper' | 'expired' | 'not-yet-valid' | 'not-for-signing' | 'authority'

const day = 24 * 60 * 60 * 1000

/** Makes an authority that has been valid for a year at `now` and will be for nine more. */
export async function createTestAuthority(now: Date, name = 'Veridesk Test'): Promise<TestAuthority> {
  const period = { validFrom: new Date(now.getTime() - 365 * day), validTo: new Date(now.getTime() + 9 * 365 * day) }
  const usage = ['certificateSigning', 'crlSigning'] as const
  const root = await issueCertificate({
    commonName: `${name} Root CA`,
    organisation: name,
    algorithm: 'ec',
    authority: { pathLength: 1 },
    usage,
    ...period,
  })
  const issuing = await issueCertificate({
    commonName: `${name} Issuing CA`,
    organisation: name,
    algorithm: 'ec',
    authority: { pathLength: 0 },
    usage,
    issuer: root,
    ...period,
  })
  return { root, issuing }
}

/** Issues a certificate to a person: proper, or wrong in one way that a signer or a verifier must notice. */
export function issueTestCertificate(
  authority: TestAuthority,
  person: { readonly commonName: string; readonly organisation?: string; readonly email?: string },
  now: Date,
  { variant = 'proper', algorithm = 'rsa' }: { variant?: CertificateVariant; algorithm?: 'rsa' | 'ec' } = {},
): Promise<IssuedCertificate> {
  const from = { expired: -300, 'not-yet-valid': 30 }[variant as string] ?? -30
  const to = variant === 'expired' ? -1 : 2 * 365
  return issueCertificate({
    ...person,
    algorithm,
    validFrom: new Date(now.getTime() + from * day),
    validTo: new Date(now.getTime() + to * day),
    usage:
      variant === 'not-for-signing'
        ? ['keyEncipherment']
        : variant === 'authority'
          ? ['digitalSignature', 'certificateSigning']
          : ['digitalSignature', 'nonRepudiation'],
    authority: variant === 'authority' ? { pathLength: 0 } : null,
    issuer: authority.issuing,
  })
}

/** A signer that holds its key in memory. */
export function memorySigner(own: IssuedCertificate, chainDer: readonly Uint8Array[]): Signer {
  const key = createPrivateKey({ key: Buffer.from(own.privateKeyDer), format: 'der', type: 'pkcs8' })
  return {
    certificateDer: own.certificateDer,
    chainDer,
    algorithm: own.algorithm,
    sign: async (bytes) => sign('sha256', bytes, key),
  }
}
