import { isDeepStrictEqual } from 'node:util'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchDetail } from '../../shared/contract/views.ts'
import type { CertificateId, DecisionId, Sha256, SignatureId } from '../../shared/domain/ids.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { closedGate } from '../decisions/record-decision.ts'
import { checkOpinion, recordVerification } from '../decisions/record-verification.ts'
import { newId } from '../platform/identifiers.ts'
import type { CertificateFiles } from './certificate-files.ts'
import { certificateNumber, composeCertificateData } from './compose-certificate-data.ts'
import type { CertificateData } from './document/certificate-data.ts'
import type { CertificateFonts } from './document/certificate-fonts.ts'
import { signCertificate } from './document/sign-certificate.ts'
import { unlockSigningKey } from './signing-key.ts'

/** A clock this far from the cloud's is wrong: the time on a certificate is what others will read first. */
const clockLimitMilliseconds = 24 * 60 * 60 * 1000

function checkClock({ clockOffsetMilliseconds }: CaseContext): Result<null> {
  if (clockOffsetMilliseconds === null || Math.abs(clockOffsetMilliseconds) < clockLimitMilliseconds) return ok(null)
  const days = Math.round(Math.abs(clockOffsetMilliseconds) / clockLimitMilliseconds)
  return fail(
    'clock_wrong',
    `This computer's clock is ${days} ${days === 1 ? 'day' : 'days'} ${clockOffsetMilliseconds > 0 ? 'behind' : 'ahead of'} the cloud's.`,
    'Set the computer to the right date and time, then sign again.',
    { clockOffsetMilliseconds },
  )
}

/** All that stands in the way of signing, as the screen showed it; gates that are to be acknowledged must have been. */
function checkGates(detail: BatchDetail, input: RequestOf<'certificate.sign'>): Result<null> {
  if (detail.batch.contentHash !== input.contentHash)
    return fail(
      'stale',
      'The batch changed after this certificate was prepared.',
      'Look at what changed, then prepare the certificate again.',
    )
  const gates = detail.actions.find(({ action }) => action === 'verify')?.gates
  if (gates === undefined)
    return fail(
      'not_allowed',
      'Only an accredited auditor signs a certificate.',
      'Leave it to the auditor of this batch.',
    )
  const closed = closedGate(gates, input.statement.acknowledgedGates)
  return closed === undefined
    ? checkOpinion(input.statement)
    : fail(closed.code === 'stale' ? 'stale' : 'blocked', closed.message, closed.action, { gate: closed.code })
}

/**
 * Signing takes a moment, in which a score or a finding may be changed or a file be opened. Inside the transaction that records the
 * certificate the batch stands still, and must say what was signed.
 */
function checkSame(context: CaseContext, input: RequestOf<'certificate.sign'>, signed: CertificateData): Result<null> {
  const detail = getBatchDetail(context, { batchId: input.batchId })
  if (!detail.ok) return detail
  const { number, signedAt: at } = signed
  const now = composeCertificateData(detail.value, input.statement, { number, person: context.person, at })
  return isDeepStrictEqual(now, signed)
    ? ok(null)
    : fail(
        'stale',
        'The batch changed while the certificate was being signed. Nothing was recorded.',
        'Look at what changed, then sign again.',
      )
}

/**
 * Builds and signs the certificate of a batch offline, keeps the file, then records decision and certificate in one transaction. If
 * the program ends between the two, a file that no row names is left, and nothing is signed in anybody's eyes.
 * Errors: `clock_wrong`, `stale`, `blocked`, `not_allowed`, `invalid_input` (an opinion that no certificate carries, or one without
 * its basis), those of the signing key, `glyph_missing`, `disk_full`.
 */
export async function signBatchCertificate(
  context: CaseContext,
  files: CertificateFiles,
  fonts: CertificateFonts,
  input: RequestOf<'certificate.sign'>,
): Promise<Result<{ readonly certificateId: string; readonly number: string }>> {
  const clock = checkClock(context)
  if (!clock.ok) return clock
  const detail = getBatchDetail(context, { batchId: input.batchId })
  if (!detail.ok) return detail
  const allowed = checkGates(detail.value, input)
  if (!allowed.ok) return allowed
  const key = await unlockSigningKey(context, input.passphrase)
  if (!key.ok) return key

  const at = context.clock.now()
  const certificateId = newId<CertificateId>()
  const number = certificateNumber(detail.value.batch.standard, at, certificateId)
  const data = composeCertificateData(detail.value, input.statement, { number, person: context.person, at })
  const signed = await signCertificate(data, key.value, fonts)
  if (!signed.ok) return signed
  const sha256 = signed.value.sha256 as Sha256
  const kept = await files.keep(sha256, signed.value.pdf)
  if (!kept.ok) return kept

  const { certificate } = key.value
  const recorded = transact(context.database, (handle) => {
    const same = checkSame(context, input, data)
    if (!same.ok) return same
    return recordVerification(handle, context, {
      batchId: detail.value.batch.id,
      decisionId: newId<DecisionId>(),
      contentHash: detail.value.batch.contentHash,
      statement: input.statement,
      certificate: {
        id: certificateId,
        number,
        objectPath: `${detail.value.batch.id}/${certificateId}.pdf`,
        sha256,
        byteRangeDigest: signed.value.byteRangeDigest as Sha256,
        byteSize: signed.value.pdf.byteLength,
        signatureId: newId<SignatureId>(),
        signerSubject: certificate.subject,
        signerSerial: certificate.serialNumber,
        signerFingerprint: certificate.fingerprintSha256 as Sha256,
        claimedAt: at,
      },
    })
  })
  return recorded.ok ? ok({ certificateId, number }) : recorded
}
