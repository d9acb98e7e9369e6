import { PDFWorker } from 'pdfjs-dist'
import workerAddress from 'pdfjs-dist/build/pdf.worker.min.mjs?url'

/** What the window uses of the Trusted Types API (W3C, Trusted Types, 2.3); TypeScript's library does not know it yet. */
interface TrustedTypesFactory {
  readonly createPolicy: (
    name: string,
    rules: { readonly createScriptURL: (address: string) => string },
  ) => { readonly createScriptURL: (address: string) => string }
}

const factory = (globalThis as { readonly trustedTypes?: TrustedTypesFactory }).trustedTypes

/** The one policy of the window's content security policy: it lets this worker's address through and nothing else. */
const policy = factory?.createPolicy('veridesk-worker', {
  createScriptURL: (address) => {
    if (address !== workerAddress) throw new TypeError('Only the PDF viewer runs in a worker')
    return address
  },
})

/** A worker that reads one PDF, and the news that it broke down. */
export interface StartedWorker {
  readonly pdfWorker: PDFWorker
  /** Rejects when the script cannot be loaded or throws; never resolves. */
  readonly failed: Promise<never>
  readonly stop: () => void
}

function start(): StartedWorker {
  const port = new Worker(policy?.createScriptURL(workerAddress) ?? workerAddress, { type: 'module' })
  const failed = new Promise<never>((_, reject) => {
    port.addEventListener('error', (event) => reject(new Error(`The PDF worker failed: ${event.message}`)))
  })
  // Nobody may be waiting yet when it fails.
  failed.catch(() => undefined)
  // A port is given, so pdf.js never falls back to reading the file on the page's own thread.
  const pdfWorker = PDFWorker.create({ port })
  return {
    pdfWorker,
    failed,
    stop: () => {
      pdfWorker.destroy()
      port.terminate()
    },
  }
}

let spare: StartedWorker | null = null

/**
 * A worker for one document; a damaged file can harm that one alone. The next one is started ahead, so that opening a file does not
 * wait for the script.
 */
export function takeWorker(): StartedWorker {
  const taken = spare ?? start()
  spare = start()
  return taken
}
