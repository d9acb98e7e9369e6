import type { VerificationReport } from '../../shared/domain/verification-report.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import type { HostileReader } from '../platform/hostile/hostile-reader.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { readTrustAnchors } from '../signing/read-trust-anchors.ts'

/** A certificate over this is not one. */
const certificateLimit = 64 * 1024 * 1024

/** The certificates that the organization trusts, DER in base64. One that cannot be read vouches for nobody. */
function trustAnchors({ database: { build, read } }: CaseContext): readonly string[] {
  return read.all(build.selectFrom('trust_anchor').select('certificate_pem')).flatMap(({ certificate_pem }) => {
    const anchors = readTrustAnchors(new TextEncoder().encode(certificate_pem))
    return anchors.ok ? anchors.value.map((anchor) => Buffer.from(anchor).toString('base64')) : []
  })
}

/**
 * Checks a certificate against the trust anchors that the organization accepts, without a network, in a child process: whoever made
 * the file may have made it to hang or exhaust its reader. That it was checked, and with what verdict, goes into the audit log.
 * Errors: `file_too_large`; `file_unreadable` when the check came to no end.
 */
export async function verifyCertificate(
  context: CaseContext,
  reader: HostileReader,
  input: { readonly fileName: string; readonly bytes: Uint8Array },
): Promise<Result<VerificationReport>> {
  const { fileName, bytes } = input
  if (bytes.byteLength > certificateLimit)
    return fail(
      'file_too_large',
      'This file is too large for a certificate.',
      'Drop the PDF of the certificate itself.',
    )
  const at = context.clock.now()
  const checked = await reader({ kind: 'certificate', trustAnchors: trustAnchors(context), at }, bytes)
  const report = checked.ok && checked.value.kind === 'certificate' ? checked.value.report : null
  const sha256 = sha256Hex(bytes)
  const logged = transact(context.database, (handle) => {
    appendAuditEvents(handle, context, [
      {
        action: 'certificate.checked',
        entity: 'certificate',
        entityId: report?.certificate?.certificateNumber ?? sha256,
        entityLabel: fileName,
        before: null,
        after: { verdict: report?.verdict ?? null, sha256 },
      },
    ])
    return ok(null)
  })
  if (!logged.ok) return logged
  if (report !== null) return ok(report)
  return fail(
    'file_unreadable',
    'This file could not be checked: reading it came to no end.',
    'Do not rely on it. Ask whoever gave it to you for the original certificate.',
    checked.ok ? {} : checked.error.detail,
  )
}
