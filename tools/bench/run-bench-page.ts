import { setTimeout as wait } from 'node:timers/promises'

interface Target {
  readonly targetId: string
  readonly type: string
}

/** A minimal DevTools client: Playwright's takes longer to connect than a program takes to start. */
export class PageProbe {
  readonly #socket: WebSocket
  readonly #open = new Map<
    number,
    (message: { readonly result?: unknown; readonly error?: { message: string } }) => void
  >()
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data))
      this.#open.get(message.id)?.(message)
      this.#open.delete(message.id)
    })
    // What is still asked when the browser goes away gets no answer any more.
    socket.addEventListener('close', () => {
      for (const answer of this.#open.values()) answer({ error: { message: 'The connection was closed' } })
      this.#open.clear()
    })
  }

  /** Connects to a browser's DevTools address. */
  static async connect(address: string): Promise<PageProbe> {
    const socket = new WebSocket(address)
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('error', () => reject(new Error(`${address} does not answer`)))
    })
    return new PageProbe(socket)
  }

  async #send<Answer>(method: string, parameters: object, sessionId?: string): Promise<Answer> {
    const id = ++this.#lastId
    const answered = new Promise<{ readonly result?: unknown; readonly error?: { message: string } }>((resolve) => {
      this.#open.set(id, resolve)
    })
    this.#socket.send(JSON.stringify({ id, method, params: parameters, ...(sessionId ? { sessionId } : {}) }))
    const { result, error } = await answered
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result as Answer
  }

  /** Evaluates an expression in the first page, as often as it takes: a page that navigates forgets what it was asked. */
  async evaluateUntil<Answer>(expression: string, limitMilliseconds = 30_000): Promise<Answer> {
    const limit = Date.now() + limitMilliseconds
    let last: unknown = 'there was no page'
    while (Date.now() < limit) {
      try {
        const { targetInfos } = await this.#send<{ readonly targetInfos: readonly Target[] }>('Target.getTargets', {})
        const page = targetInfos.find(({ type }) => type === 'page')
        if (page !== undefined) {
          const { targetId } = page
          const { sessionId } = await this.#send<{ sessionId: string }>('Target.attachToTarget', {
            targetId,
            flatten: true,
          })
          const { result, exceptionDetails } = await this.#send<{
            readonly result: { readonly value?: Answer }
            readonly exceptionDetails?: unknown
          }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }, sessionId)
          if (exceptionDetails === undefined && result.value !== undefined) return result.value
          last = exceptionDetails
        }
      } catch (error) {
        last = error
      }
      await wait(5)
    }
    throw new Error(`The page gave no answer within ${limitMilliseconds / 1000} s: ${JSON.stringify(last)}`)
  }

  close(): void {
    this.#socket.close()
  }
}

/** Milliseconds since 1970 when the first row of a list had been painted. */
export const firstRowPainted = `new Promise((resolve) => {
  const look = () => {
    if (document.querySelector('#root [role=row][aria-rowindex="2"]') === null) requestAnimationFrame(look)
    // The next frame begins when this one has been painted.
    else requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())))
  }
  look()
})`
