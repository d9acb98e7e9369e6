import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import type { P12Signer as Pkcs12Signer } from '@libpdf/core'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import { summarizeCertificate } from './certificate-summary.ts'
import { hasPkcs12Shape, passphraseOpensPkcs12 } from './pkcs12-integrity.ts'
import type { SigningKey } from './signer.ts'
import { checkDerTree, readDer } from './strict-der.ts'

/** Signed once on opening, to learn which certificate of the file belongs to its key. */
const probe = new TextEncoder().encode('veridesk')

const unreadable = (message: string) =>
  fail(
    'signing_key_unreadable',
    message,
    'Choose a PKCS#12 file (.p12 or .pfx) with your certificate and its private key.',
  )

/**
 * Opens a PKCS#12 file (RFC 7292), RSA or elliptic curve, with modern or legacy encryption.
 * Fails with `signing_key_wrong_passphrase`, or with `signing_key_unreadable` when the file is no PKCS#12, holds no key and
 * certificate that belong together, or uses a kind of key that cannot sign. Whether the certificate may sign today is
 * `checkSigningCertificate`'s question.
 */
export async function openPkcs12(bytes: Uint8Array, passphrase: string): Promise<Result<SigningKey, AppError>> {
  if (!hasPkcs12Shape(bytes)) return unreadable('This file is not a PKCS#12 key file, or it is damaged.')
  if (!(await passphraseOpensPkcs12(bytes, passphrase))) {
    return fail(
      'signing_key_wrong_passphrase',
      'The passphrase does not open this key file.',
      'Type the passphrase of the key file again; it is not the password of your account.',
    )
  }
  // Loaded when a key is opened and not at start: it is the largest module of the program.
  const { P12Signer } = await import('@libpdf/core')
  let opened: Pkcs12Signer
  try {
    opened = await P12Signer.create(bytes, passphrase)
  } catch {
    return unreadable('The passphrase is right, but the key inside this file cannot be used.')
  }
  const sign = (data: Uint8Array): Promise<Uint8Array> => opened.sign(data, 'SHA-256')
  try {
    const signature = await sign(probe)
    const algorithm = opened.keyType === 'EC' ? 'ec' : 'rsa'
    if (algorithm === 'ec') checkDerTree(readDer(signature))
    const certificates = [opened.certificate, ...opened.certificateChain].map((der) => new X509Certificate(der))
    const own = certificates.find((candidate) =>
      verify('sha256', probe, createPublicKey(candidate.publicKey.export({ type: 'spki', format: 'pem' })), signature),
    )
    if (own === undefined) return unreadable('The certificate in this file does not belong to its private key.')
    return ok({
      certificateDer: own.raw,
      chainDer: orderChain(own, certificates).map((certificate) => certificate.raw),
      algorithm,
      certificate: summarizeCertificate(own.raw),
      sign,
    })
  } catch {
    return unreadable('The key inside this file cannot sign.')
  }
}

/** The issuers of a certificate, nearest first, as far as the file holds them; a self-signed root is left out. */
function orderChain(own: X509Certificate, certificates: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = []
  let current = own
  while (chain.length < certificates.length) {
    const issuer = certificates.find((candidate) => current.checkIssued(candidate) && !candidate.checkIssued(candidate))
    if (issuer === undefined || chain.includes(issuer)) return chain
    chain.push(issuer)
    current = issuer
  }
  return chain
}
