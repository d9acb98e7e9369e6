import type { VerificationReport } from '../../shared/domain/verification-report.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { readTrustAnchors } from '../signing/read-trust-anchors.ts'
import { verifyPdf } from '../signing/verify-pdf.ts'

/** A certificate over this is not one. */
const certificateLimit = 64 * 1024 * 1024

/**
 * Checks a certificate against the trust anchors that the organization accepts. Works without a network. That it was checked, and
 * with what verdict, goes into the audit log.
 */
export async function verifyCertificate(
  context: CaseContext,
  input: { readonly fileName: string; readonly bytes: Uint8Array },
): Promise<Result<VerificationReport>> {
  if (input.bytes.byteLength > certificateLimit)
    return fail(
      'file_too_large',
      'This file is too large for a certificate.',
      'Drop the PDF of the certificate itself.',
    )
  const { build, read } = context.database
  const anchors = read
    .all(build.selectFrom('trust_anchor').select('certificate_pem'))
    .flatMap(({ certificate_pem }) => {
      const anchors = readTrustAnchors(new TextEncoder().encode(certificate_pem))
      return anchors.ok ? anchors.value : []
    })
  const report = await verifyPdf(input.bytes, { trustAnchors: anchors, at: new Date(context.clock.now()) })
  context.database.write((handle) =>
    appendAuditEvents(handle, context, [
      {
        action: 'certificate.checked',
        entity: 'certificate',
        entityId: report.certificate?.certificateNumber ?? report.sha256,
        entityLabel: input.fileName,
        before: null,
        after: { verdict: report.verdict, sha256: report.sha256 },
      },
    ]),
  )
  return ok(report)
}
