import { PDFDataRangeTransport } from 'pdfjs-dist'

/** Reads an opened file piece by piece with range requests (RFC 9110, 14), so that a long one is shown before it is read whole. */
export class EvidenceRange extends PDFDataRangeTransport {
  readonly #address: string
  readonly #onFailure: (cause: unknown) => void
  readonly #stopped = new AbortController()

  constructor(address: string, byteSize: number, onFailure: (cause: unknown) => void) {
    super(byteSize, null)
    this.#address = address
    this.#onFailure = onFailure
  }

  /** `end` is not included. */
  override requestDataRange(begin: number, end: number): undefined {
    this.#read(begin, end).then(
      (bytes) => this.onDataRange(begin, bytes),
      (cause: unknown) => {
        if (!this.#stopped.signal.aborted) this.#onFailure(cause)
      },
    )
  }

  override abort(): undefined {
    this.#stopped.abort()
  }

  async #read(begin: number, end: number): Promise<Uint8Array> {
    const answer = await fetch(this.#address, {
      headers: { range: `bytes=${String(begin)}-${String(end - 1)}` },
      signal: this.#stopped.signal,
    })
    if (!answer.ok) throw new Error(`The file was answered with ${String(answer.status)}`)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    if (answer.status === 206) return bytes
    return bytes.subarray(begin, end)
  }
}
