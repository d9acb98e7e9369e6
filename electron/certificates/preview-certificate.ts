import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchId } from '../../shared/domain/ids.ts'
import type { Result } from '../../shared/result.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import type { CaseContext } from '../database/case-context.ts'
import { composeCertificateData } from './compose-certificate-data.ts'
import { buildCertificatePdf } from './document/build-certificate-pdf.ts'
import type { CertificateFonts } from './document/certificate-fonts.ts'

/** The certificate as it would be signed now, with `DRAFT` for its number and without a signature. */
export async function previewCertificate(
  context: CaseContext,
  fonts: CertificateFonts,
  input: RequestOf<'certificate.preview'>,
): Promise<Result<Uint8Array>> {
  const detail = getBatchDetail(context, { batchId: input.batchId as BatchId })
  if (!detail.ok) return detail
  return buildCertificatePdf(
    composeCertificateData(detail.value, input.statement, {
      number: 'DRAFT, NOT SIGNED',
      person: context.person,
      at: context.clock.now(),
    }),
    fonts,
  )
}
