import { X509Certificate } from 'node:crypto'
import type { SigningKeyState } from '../../shared/contract/views.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { type CertificateSummary, summarizeCertificate } from '../signing/certificate-summary.ts'
import { checkSigningCertificate } from '../signing/check-signing-certificate.ts'
import type { SigningKey } from '../signing/signer.ts'

/** What opens key files is read when the first one is opened, not at every start. */
const openKeyFile = async (bytes: Uint8Array, passphrase: string): Promise<Result<SigningKey>> =>
  (await import('../signing/open-pkcs12.ts')).openPkcs12(bytes, passphrase)

const none: SigningKeyState = {
  configured: false,
  subject: null,
  issuer: null,
  notBefore: null,
  notAfter: null,
  algorithm: null,
  problem: null,
}

/** A PKCS#12 file over this is not one. */
const pkcs12Limit = 1_000_000

function storedKey(context: CaseContext): { readonly pkcs12: Uint8Array; readonly certificateDer: Uint8Array } | null {
  const { build, read } = context.database
  const row = read.first(build.selectFrom('signing_key').select(['pkcs12', 'certificate_der']).where('id', '=', 1))
  return row === undefined ? null : { pkcs12: row.pkcs12, certificateDer: row.certificate_der }
}

/** The kind and size of the key, in the words that people in the field use. */
function algorithmOf(certificateDer: Uint8Array): string {
  const { asymmetricKeyType, asymmetricKeyDetails } = new X509Certificate(certificateDer).publicKey
  if (asymmetricKeyType === 'rsa') return `RSA ${asymmetricKeyDetails?.modulusLength ?? ''}`.trim()
  return asymmetricKeyDetails?.namedCurve === 'prime256v1'
    ? 'ECDSA P-256'
    : `ECDSA ${asymmetricKeyDetails?.namedCurve ?? ''}`.trim()
}

/** What the audit log keeps of a certificate. */
const keyFacts = ({ fingerprintSha256, serialNumber, validTo }: CertificateSummary) => ({
  fingerprint: fingerprintSha256,
  serial_number: serialNumber,
  valid_to: validTo,
})

/** Which key is ready to sign, and what is in the way if it is not. The passphrase is not needed for this. */
export function signingKeyState(context: CaseContext): Result<SigningKeyState> {
  const stored = storedKey(context)
  if (stored === null) return ok(none)
  const summary = summarizeCertificate(stored.certificateDer)
  const usable = checkSigningCertificate(stored.certificateDer, new Date(context.clock.now()))
  return ok({
    configured: true,
    subject: summary.commonName,
    issuer: summary.issuerCommonName,
    notBefore: summary.validFrom,
    notAfter: summary.validTo,
    algorithm: algorithmOf(stored.certificateDer),
    problem: usable.ok
      ? null
      : { code: usable.error.code, message: usable.error.message, action: usable.error.action ?? null },
  })
}

/**
 * Keeps a PKCS#12 file in the encrypted database after its passphrase has opened it once. The passphrase is not kept. A certificate
 * that may not sign today is refused, with the reason.
 */
export async function importSigningKey(
  context: CaseContext,
  input: { readonly bytes: Uint8Array; readonly passphrase: string },
): Promise<Result<SigningKeyState>> {
  if (input.bytes.byteLength > pkcs12Limit)
    return fail(
      'signing_key_unreadable',
      'This file is far too large for a key file.',
      'Choose a PKCS#12 file (.p12 or .pfx).',
    )
  const opened = await openKeyFile(input.bytes, input.passphrase)
  if (!opened.ok) return opened
  const usable = checkSigningCertificate(opened.value.certificateDer, new Date(context.clock.now()))
  if (!usable.ok) return usable
  const { build } = context.database
  const row = {
    pkcs12: Buffer.from(input.bytes),
    certificate_der: Buffer.from(opened.value.certificateDer),
    imported_at: context.clock.now(),
  }
  const replaced = storedKey(context)
  const recorded = transact(context.database, (handle) => {
    handle.run(
      build
        .insertInto('signing_key')
        .values({ id: 1, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row)),
    )
    appendAuditEvents(handle, context, [
      {
        action: 'signing_key.imported',
        entity: 'signing_key',
        entityId: usable.value.fingerprintSha256,
        entityLabel: usable.value.commonName,
        before: replaced === null ? null : keyFacts(summarizeCertificate(replaced.certificateDer)),
        after: keyFacts(usable.value),
      },
    ])
    return ok(null)
  })
  return recorded.ok ? signingKeyState(context) : recorded
}

/** Forgets the key file. Certificates that were signed with it stay what they are. */
export function removeSigningKey(context: CaseContext): Result<SigningKeyState> {
  const stored = storedKey(context)
  if (stored === null) return ok(none)
  const summary = summarizeCertificate(stored.certificateDer)
  return transact(context.database, (handle) => {
    handle.run(context.database.build.deleteFrom('signing_key').where('id', '=', 1))
    appendAuditEvents(handle, context, [
      {
        action: 'signing_key.removed',
        entity: 'signing_key',
        entityId: summary.fingerprintSha256,
        entityLabel: summary.commonName,
        before: keyFacts(summary),
        after: null,
      },
    ])
    return ok(none)
  })
}

/** Opens the kept key for one signature. Errors: `signing_key_missing`, those of `openPkcs12` and of `checkSigningCertificate`. */
export async function unlockSigningKey(context: CaseContext, passphrase: string): Promise<Result<SigningKey>> {
  const stored = storedKey(context)
  if (stored === null)
    return fail(
      'signing_key_missing',
      'No signing key is set up on this computer.',
      'Import your PKCS#12 key file in the settings.',
    )
  const opened = await openKeyFile(stored.pkcs12, passphrase)
  if (!opened.ok) return opened
  const usable = checkSigningCertificate(opened.value.certificateDer, new Date(context.clock.now()))
  return usable.ok ? opened : usable
}
