import type { CertificateData } from '../certificate-data.ts'
import type { PageFlow } from '../page-flow.ts'
import { color, page, style, textWidth } from '../style.ts'

/** The lines at the foot of every page: which certificate, of what content, and which page of how many. */
export function drawRunningLines(flow: PageFlow, data: CertificateData): void {
  const y = 794
  flow.pages.forEach((canvas, index) => {
    if (index > 0) {
      canvas.text(page.left, 44, 'VERIDESK', { ...style.brand, size: 7, tracking: 1.8 })
      canvas.textRight(page.right, 44, 'Verification statement', style.small)
    }
    canvas.rule(page.left, y - 12, textWidth, color.rule)
    canvas.text(page.left, y, data.number, { ...style.small, face: 'bold' })
    canvas.text(page.left, y + 11, `Content hash ${data.contentHash.slice(0, 16)}…`, style.small)
    canvas.textRight(page.right, y, `Page ${index + 1} of ${flow.pages.length}`, style.small)
    canvas.textRight(page.right, y + 11, 'The signature in this file can be checked with any PDF reader.', style.small)
  })
}
