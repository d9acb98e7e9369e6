import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One direction of a line; what is null goes as it should. */
export interface LineState {
  /** Bytes that one connection carries before it is cut. */
  cutAfter: number | null
  /** Bytes that one connection carries before nothing moves any more, though it stays open. */
  stallAfter: number | null
  bytesPerSecond: number | null
}

/** A real line of sockets to a cloud that a test makes rough while it is used. */
export interface RoughLine {
  readonly url: string
  readonly up: LineState
  readonly down: LineState
  /** Bytes that went up and down since the last look. */
  readonly carried: () => { readonly up: number; readonly down: number }
  readonly stop: () => Promise<void>
}

const smooth = (): LineState => ({ cutAfter: null, stallAfter: null, bytesPerSecond: null })

/** Opens a line to the cloud at an address. The caller stops it. */
export async function openRoughLine(target: string): Promise<RoughLine> {
  const { hostname, port } = new URL(target)
  const [up, down] = [smooth(), smooth()]
  const total = { up: 0, down: 0 }
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    void carry(near, far, up, (bytes) => {
      total.up += bytes
    })
    void carry(far, near, down, (bytes) => {
      total.down += bytes
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    up,
    down,
    carried() {
      const now = { ...total }
      total.up = 0
      total.down = 0
      return now
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

async function carry(from: Socket, to: Socket, state: LineState, count: (bytes: number) => void): Promise<void> {
  let carried = 0
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (state.stallAfter !== null && carried + chunk.length > state.stallAfter) {
        // Nothing more is read or written, and nobody is told.
        await new Promise((resolve) => from.once('close', resolve))
        return
      }
      if (state.bytesPerSecond !== null)
        await new Promise((resolve) => setTimeout(resolve, (chunk.length / (state.bytesPerSecond ?? 1)) * 1000))
      carried += chunk.length
      count(chunk.length)
      if (!to.write(chunk)) await new Promise((resolve) => to.once('drain', resolve).once('close', resolve))
      if (state.cutAfter !== null && carried >= state.cutAfter) {
        from.destroy()
        to.destroy()
        return
      }
    }
    to.end()
  } catch {
    // A side that breaks off ends the other; `close` sees to it.
  }
}
