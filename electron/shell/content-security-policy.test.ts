import { expect, test } from 'vitest'
import { isPdfWorker, windowPolicy } from './content-security-policy.ts'

test('the window may load its own files, show pictures it made, and nothing else', () => {
  expect(windowPolicy).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
      "worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
      "require-trusted-types-for 'script'; trusted-types veridesk-worker",
  )
})

test("only the PDF viewer's worker is taken for it", () => {
  expect(isPdfWorker('/assets/pdf.worker-B3_x.mjs')).toBe(true)
  expect(isPdfWorker('/assets/pdf.worker.min-B3x.mjs')).toBe(true)
  expect(isPdfWorker('/assets/my-pdf.worker.mjs')).toBe(false)
  expect(isPdfWorker('/assets/pdf.worker/other.css')).toBe(false)
})
