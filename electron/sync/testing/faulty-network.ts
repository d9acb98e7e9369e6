/** What goes wrong with one exchange. `lose_answer`: the cloud has done it, and its answer never arrives. */
export type NetworkFault =
  | { readonly kind: 'refuse_connection' }
  | { readonly kind: 'lose_answer' }
  | { readonly kind: 'change_answer'; readonly change: (body: string) => string }
  /** Nobody answers and nobody hangs up, until the caller gives up. `delivered`: the cloud has done it. */
  | { readonly kind: 'half_open'; readonly delivered: boolean }
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly contentType?: string }

/** A network whose faults a test chooses call by call. */
export interface FaultyNetwork {
  readonly fetch: typeof globalThis.fetch
  /** Decides about each call, by the path of its address and its body. Null: nothing goes wrong. */
  decide: (path: string, body: string) => NetworkFault | null
  /** Another address of the same cloud, such as that of a throttling proxy; null: the one that was called. */
  via: string | null
  /** Told of a call that stays without an answer. */
  onHalfOpen: () => void
  /** Path of every call that was made. */
  readonly calls: string[]
}

const connectionRefused = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) })

const elsewhere = (called: Parameters<typeof fetch>[0], address: URL): Request | URL =>
  called instanceof Request ? new Request(address, called) : address

/** A real network between the program and a real cloud, until a test says otherwise. */
export function faultyNetwork(): FaultyNetwork {
  const network: FaultyNetwork = {
    calls: [],
    decide: () => null,
    via: null,
    onHalfOpen: () => {},
    fetch: async (called, init) => {
      const address = new URL(called instanceof Request ? called.url : called)
      const path = address.pathname
      const input = network.via === null ? called : elsewhere(called, new URL(`${path}${address.search}`, network.via))
      const body = typeof init?.body === 'string' ? init.body : ''
      network.calls.push(path)
      const fault = network.decide(path, body)
      switch (fault?.kind) {
        case undefined:
          return fetch(input, init)
        case 'refuse_connection':
          throw connectionRefused()
        case 'lose_answer':
          await (await fetch(input, init)).arrayBuffer()
          throw connectionRefused()
        case 'change_answer': {
          const answer = await fetch(input, init)
          return new Response(fault.change(await answer.text()), { status: answer.status, headers: answer.headers })
        }
        case 'half_open': {
          if (fault.delivered) await (await fetch(input, init)).arrayBuffer()
          const signal = init?.signal
          // Without anything that could end it, the test would wait for ever.
          if (!signal) throw new Error('A call over a half-open connection needs a signal')
          return new Promise((_, reject) => {
            const giveUp = () => reject(signal.reason)
            if (signal.aborted) giveUp()
            else signal.addEventListener('abort', giveUp, { once: true })
            network.onHalfOpen()
          })
        }
        case 'answer':
          return new Response(fault.body, {
            status: fault.status,
            headers: { 'content-type': fault.contentType ?? 'application/json' },
          })
        default:
          return fault satisfies never
      }
    },
  }
  return network
}
