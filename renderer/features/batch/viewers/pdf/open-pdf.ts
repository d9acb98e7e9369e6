import { getDocument, InvalidPDFException, PasswordException, type PDFDocumentProxy, VerbosityLevel } from 'pdfjs-dist'
import type { AppError } from '../../../../../shared/result.ts'
import { BundledData } from './bundled-data.ts'
import { EvidenceRange } from './evidence-range.ts'
import { takeWorker } from './pdf-worker.ts'

/** Bytes that are asked for at a time. */
const rangeChunkSize = 256 * 1024

/** Images beyond this many pixels are left out rather than filling the memory. */
const maxImageSize = 120_000_000

/** A PDF that is being opened, and how to let go of it. */
export interface PdfOpening {
  /** Rejects with what `pdfError` can put into words. */
  readonly document: Promise<PDFDocumentProxy>
  readonly close: () => void
}

/** Opens a PDF in a worker of its own. Scripts inside the file are never run. */
export function openPdf(address: string, byteSize: number): PdfOpening {
  const worker = takeWorker()
  let failReading: (cause: unknown) => void = () => undefined
  const readingFailed = new Promise<never>((_, reject) => {
    failReading = reject
  })
  readingFailed.catch(() => undefined)
  const task = getDocument({
    range: new EvidenceRange(address, byteSize, failReading),
    rangeChunkSize,
    worker: worker.pdfWorker,
    BinaryDataFactory: BundledData,
    useWorkerFetch: false,
    disableAutoFetch: true,
    disableStream: true,
    enableXfa: false,
    maxImageSize,
    verbosity: VerbosityLevel.ERRORS,
  })
  return {
    document: Promise.race([task.promise, worker.failed, readingFailed]),
    close: () => {
      task.destroy().then(worker.stop, worker.stop)
    },
  }
}

/** What a person is told of a PDF that cannot be shown. */
export function pdfError(cause: unknown): AppError {
  if (cause instanceof PasswordException)
    return {
      code: 'file_unreadable',
      message: 'The PDF is protected by a password.',
      action: 'Ask the recycler for a copy without one, and raise a finding.',
    }
  if (cause instanceof InvalidPDFException)
    return {
      code: 'file_unreadable',
      message: 'The PDF cannot be read: it is damaged, or it is not a PDF.',
      action: 'Raise a finding (F), so that the recycler submits the file again.',
    }
  return {
    code: 'file_unreadable',
    message: 'The PDF could not be shown.',
    action: 'Try again. If it happens again, raise a finding for this file (F).',
    detail: { cause: cause instanceof Error ? cause.message.slice(0, 300) : 'unknown' },
  }
}
