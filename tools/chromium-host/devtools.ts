import type { Readable, Writable } from 'node:stream'
import type { ProtocolMapping } from 'devtools-protocol/types/protocol-mapping.d.ts'

type Commands = ProtocolMapping.Commands
type Events = ProtocolMapping.Events

/** Commands to, and events from, one target of the browser. An answer with an error rejects. */
export interface DevToolsSession {
  send<Method extends keyof Commands>(
    method: Method,
    ...parameters: Commands[Method]['paramsType']
  ): Promise<Commands[Method]['returnType']>
  on<Event extends keyof Events>(event: Event, listener: (parameters: Events[Event][0]) => void): void
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
  readonly sessionId?: string
}

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (reason: Error) => void
}

/** The DevTools protocol over a pair of pipes: messages are JSON, each ended by a zero byte (`--remote-debugging-pipe`). */
export class DevToolsConnection implements DevToolsSession {
  readonly #output: Writable
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Map<string, ((parameters: never) => void)[]>()
  #lastId = 0
  #parts: Buffer[] = []
  #closed = false

  constructor(input: Readable, output: Writable) {
    this.#output = output
    input.on('data', (data: Buffer) => this.#read(data))
    // A pipe breaks when the browser ends; whoever started it learns that from its process, and closes.
    input.on('error', () => {})
    output.on('error', () => {})
  }

  send<Method extends keyof Commands>(
    method: Method,
    ...parameters: Commands[Method]['paramsType']
  ): Promise<Commands[Method]['returnType']> {
    return this.#send(undefined, method, parameters[0])
  }

  on<Event extends keyof Events>(event: Event, listener: (parameters: Events[Event][0]) => void): void {
    this.#listen(`:${event}`, listener)
  }

  /** Commands and events of one attached target. */
  session(id: string): DevToolsSession {
    return {
      send: (method, ...parameters) => this.#send(id, method, parameters[0]),
      on: (event, listener) => this.#listen(`${id}:${event}`, listener),
    }
  }

  /** Rejects everything that waits for an answer: the browser is gone. */
  close(): void {
    this.#closed = true
    const waiting = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of waiting) reject(new Error('Chromium host: the browser has ended'))
  }

  #listen(key: string, listener: (parameters: never) => void): void {
    const listeners = this.#listeners.get(key)
    if (listeners) listeners.push(listener)
    else this.#listeners.set(key, [listener])
  }

  #send<Answer>(sessionId: string | undefined, method: string, params: unknown): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#closed) return reject(new Error(`Chromium host: the browser has ended (${method})`))
      const id = ++this.#lastId
      this.#pending.set(id, { resolve, reject })
      this.#output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
  }

  #read(data: Buffer): void {
    let start = 0
    for (let end = data.indexOf(0); end >= 0; end = data.indexOf(0, start)) {
      this.#parts.push(data.subarray(start, end))
      const text = Buffer.concat(this.#parts).toString('utf8')
      this.#parts = []
      start = end + 1
      this.#dispatch(JSON.parse(text))
    }
    if (start < data.length) this.#parts.push(data.subarray(start))
  }

  #dispatch(message: Message): void {
    if (message.id === undefined) {
      for (const listener of this.#listeners.get(`${message.sessionId ?? ''}:${message.method}`) ?? [])
        listener(message.params as never)
      return
    }
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if (message.error) pending?.reject(new Error(`Chromium: ${message.error.message}`))
    else pending?.resolve(message.result as never)
  }
}
