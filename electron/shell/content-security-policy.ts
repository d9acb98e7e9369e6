/** Name of the one Trusted Types policy: it lets through the address of the PDF viewer's worker and nothing else. */
export const workerPolicyName = 'veridesk-worker'

const directives = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' blob:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'object-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': workerPolicyName,
} as const

const write = (policy: Readonly<Record<string, string>>): string =>
  Object.entries(policy)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')

/** Policy of the window: its own files and no other (Content Security Policy Level 3; Trusted Types). */
export const windowPolicy: string = write(directives)

/** Policy of the PDF viewer's worker, which decodes JPEG 2000 and JBIG2 images by WebAssembly. */
export const pdfWorkerPolicy: string = write({ ...directives, 'script-src': "'self' 'wasm-unsafe-eval'" })

/** Policy of evidence: it is looked at as bytes; were it opened as a page, it could do nothing. */
export const evidencePolicy = "default-src 'none'; sandbox"

/** Headers that every answer of the bundle carries besides its policy. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
}

/** Whether a path of the bundle is the PDF viewer's worker script (`assets/pdf.worker-<hash>.mjs`). */
export const isPdfWorker = (path: string): boolean => /(^|\/)pdf\.worker[\w.-]*\.m?js$/.test(path)
