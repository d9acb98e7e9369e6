import { type PDFDocumentProxy, PixelsPerInch } from 'pdfjs-dist'
import { useCallback, useEffect, useState } from 'react'
import type { AppError } from '../../../../../shared/result.ts'
import { openPdf, type PdfOpening, pdfError } from './open-pdf.ts'
import type { PageSize } from './page-layout.ts'
import { createPageTexts, type PageTexts } from './page-texts.ts'

/** Pixels per PDF point at 100 %. */
export const pixelsPerPoint: number = PixelsPerInch.PDF_TO_CSS_UNITS

/** A PDF on its way, open or failed. */
export type PdfState =
  | { readonly kind: 'opening' }
  | {
      readonly kind: 'open'
      readonly document: PDFDocumentProxy
      /** At 100 %. A page whose own size is not known yet has that of the first. */
      readonly sizes: readonly PageSize[]
      readonly texts: PageTexts
    }
  | { readonly kind: 'failed'; readonly error: AppError }

/** How many page sizes are read between two drawings. */
const sizeBatch = 25

async function sizeOfPage(document: PDFDocumentProxy, page: number): Promise<PageSize> {
  const { width, height } = (await document.getPage(page)).getViewport({ scale: pixelsPerPoint })
  return { width, height }
}

/** Opens the PDF at an address and keeps it open while the component is shown. */
export function usePdfDocument(
  address: string,
  byteSize: number,
): { readonly state: PdfState; readonly retry: () => void } {
  const [state, setState] = useState<PdfState>({ kind: 'opening' })
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt opens the same address again
  useEffect(() => {
    let closed = false
    let opening: PdfOpening | null = null
    setState({ kind: 'opening' })
    const open = async () => {
      // A worker that the policy or the host forbids throws here; there is no reading on the page's own thread instead.
      opening = openPdf(address, byteSize)
      const document = await opening.document
      const first = await sizeOfPage(document, 1)
      let sizes: PageSize[] = Array.from({ length: document.numPages }, () => first)
      const texts = createPageTexts(document)
      if (closed) return
      setState({ kind: 'open', document, sizes, texts })
      for (let page = 2; page <= document.numPages && !closed; page += 1) {
        const size = await sizeOfPage(document, page)
        const differs = size.width !== first.width || size.height !== first.height
        if (differs) sizes = sizes.with(page - 1, size)
        const due = page % sizeBatch === 0 || page === document.numPages
        const upToDate = sizes
        if (due && !closed)
          setState((shown) =>
            shown.kind === 'open' && shown.sizes !== upToDate ? { ...shown, sizes: upToDate } : shown,
          )
      }
    }
    open().catch((cause: unknown) => {
      if (!closed) setState({ kind: 'failed', error: pdfError(cause) })
    })
    return () => {
      closed = true
      opening?.close()
    }
  }, [address, byteSize, attempt])
  return { state, retry: useCallback(() => setAttempt((count) => count + 1), []) }
}
