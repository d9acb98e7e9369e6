import { PDFDict, type PDFDocument, PDFHexString, PDFName, PDFString } from 'pdf-lib'
import type { CertificateIdentity } from '../../shared/domain/verification-report.ts'

/**
 * The keys that a Veridesk certificate adds to the PDF's information dictionary (ISO 32000-2, 14.3.3). The same values stand in
 * its XMP packet in the namespace `urn:veridesk:certificate:1#`, for tools that read only that.
 */
export const identityKey = {
  certificateNumber: 'VerideskCertificateNumber',
  contentHash: 'VerideskContentHash',
  batchHash: 'VerideskBatchHash',
} as const

/** Reads which certificate a PDF says it is; null when it does not say so. */
export function readCertificateIdentity(document: PDFDocument): CertificateIdentity | null {
  const information = document.context.lookup(document.context.trailerInfo.Info)
  if (!(information instanceof PDFDict)) return null
  const read = (key: string): string | null => {
    const value = information.lookup(PDFName.of(key))
    return value instanceof PDFString || value instanceof PDFHexString ? value.decodeText() : null
  }
  const certificateNumber = read(identityKey.certificateNumber)
  const contentHash = read(identityKey.contentHash)
  if (certificateNumber === null || contentHash === null) return null
  return { certificateNumber, contentHash, batchHash: read(identityKey.batchHash) }
}
