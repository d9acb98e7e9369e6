/** What the test program's preload exposes. */
interface TestBridge {
  invoke(channel: string, ...given: unknown[]): Promise<never>
  send(channel: string, ...given: unknown[]): void
  on(channel: string, listener: (...given: never[]) => void): () => void
  callBack(callback: (value: string) => unknown): unknown
  fail(): void
  pathOf(file: File): string
  sendSync(): void
  requireNode(): void
}

interface Window {
  readonly bridge: TestBridge
  readonly report: Record<string, unknown>
  readonly pdfWorker: Promise<unknown>
}
