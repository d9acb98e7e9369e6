/** The part of a MessagePort that calls need; worker threads and Electron's ports both have it. */
export interface MessageEndpoint {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void
  on(event: 'message', listener: (message: unknown) => void): unknown
}

/** What one side offers: named functions of one structured-cloneable argument. */
export type Services = { readonly [name: string]: (input: never) => Promise<unknown> }

type Message =
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly type: 'return'; readonly id: number; readonly value: unknown }
  | { readonly type: 'throw'; readonly id: number; readonly message: string }

/** Calls the other side's services by name. Rejects when the other side threw, or when the connection was closed. */
export type Remote<Offered extends Services> = <Name extends keyof Offered & string>(
  name: Name,
  input: Parameters<Offered[Name]>[0],
) => ReturnType<Offered[Name]>

/** Both directions of a connection. */
export interface PortRpc<Theirs extends Services> {
  readonly call: Remote<Theirs>
  /** Rejects every open call, for example because the other side is gone. */
  readonly close: (reason: string) => void
}

/** Large answers are moved, not copied. */
const transferables = (value: unknown): readonly ArrayBuffer[] =>
  value instanceof Uint8Array && value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength
    ? [value.buffer]
    : []

/**
 * Connects two threads: each offers services and calls the other's. Answers come in any order. A service that throws is a defect on
 * its side and rejects the call here; expected failures are values.
 */
export function connectPort<Ours extends Services, Theirs extends Services>(
  endpoint: MessageEndpoint,
  services: Ours,
): PortRpc<Theirs> {
  const open = new Map<number, { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void }>()
  let nextId = 0
  let closed: string | null = null

  const serve = async (message: Extract<Message, { type: 'call' }>): Promise<void> => {
    try {
      const service = services[message.name]
      if (service === undefined) throw new Error(`No service named ${message.name}`)
      const value = await service(message.input as never)
      endpoint.postMessage({ type: 'return', id: message.id, value } satisfies Message, transferables(value))
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      endpoint.postMessage({ type: 'throw', id: message.id, message: text } satisfies Message)
    }
  }

  endpoint.on('message', (raw) => {
    const message = raw as Message
    if (message.type === 'call') {
      void serve(message)
      return
    }
    const call = open.get(message.id)
    open.delete(message.id)
    if (message.type === 'return') call?.resolve(message.value as never)
    else call?.reject(new Error(message.message))
  })

  const call: Remote<Theirs> = (name, input) => {
    const promise = new Promise<never>((resolve, reject) => {
      if (closed !== null) {
        reject(new Error(closed))
        return
      }
      const id = nextId++
      open.set(id, { resolve, reject })
      endpoint.postMessage({ type: 'call', id, name, input } satisfies Message)
    })
    return promise as never
  }

  return {
    call,
    close: (reason) => {
      closed = reason
      for (const { reject } of open.values()) reject(new Error(reason))
      open.clear()
    },
  }
}
