import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** How the way between a workstation and its cloud is. Everything that is left out is as good as this computer allows. */
export interface LinkCondition {
  /** Of each connection and direction. */
  readonly bytesPerSecond?: number
  /** On the way there and again on the way back, for each stretch of bytes. */
  readonly latencyMilliseconds?: number
  /** Up to so much more, by chance. */
  readonly jitterMilliseconds?: number
  /** Lost packets show as pauses: with this chance in [0, 1) a stretch waits as for a repetition. */
  readonly stallChance?: number
  readonly stallMilliseconds?: number
  /** The connection breaks off after so many bytes of answers. */
  readonly cutAfterBytes?: number
  /** Connections stand, and nothing passes in either direction any more. */
  readonly halfOpen?: boolean
}

/** A way to a cloud that is as bad as a test wants it. */
export interface ThrottlingProxy {
  /** Stands for the address of the cloud. */
  readonly url: string
  /** How the way is from now on, also for connections that stand. */
  condition: LinkCondition
  /** Bytes that have passed, of both directions, and connections that were made. */
  readonly passed: { bytes: number; connections: number }
  readonly close: () => Promise<void>
}

/** A stretch is no longer than this, so that a slow way lets bytes through steadily and not in lumps. */
const longestStretch = 16_384

/**
 * A real proxy of bytes before a server. What happens by chance is drawn from `random`, in [0, 1), so that a seed repeats it.
 * Knows nothing of HTTP: what it does to a connection may hit any byte of it.
 */
export async function startThrottlingProxy(target: string, random: () => number = () => 0.5): Promise<ThrottlingProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    open.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
    return socket
  }
  const server = createServer((near) => {
    proxy.passed.connections += 1
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) keep(socket)
    let answered = 0
    const stretches = (length: number): number => {
      const { cutAfterBytes } = proxy.condition
      return cutAfterBytes === undefined ? length : Math.max(0, Math.min(length, cutAfterBytes - answered))
    }
    carry(near, far, (length) => length)
    carry(far, near, (length) => {
      const left = stretches(length)
      answered += left
      return left
    })
  })

  /** Carries bytes one way. `allowed` says how many of a stretch may still pass; fewer than all of them break the connection off. */
  const carry = (from: Socket, to: Socket, allowed: (length: number) => number) => {
    const stretch = async (bytes: Buffer): Promise<void> => {
      await pause(delayOf(proxy.condition, bytes.length, random))
      // What was sent into a half-open connection is lost; nobody learns of it.
      if (proxy.condition.halfOpen === true) return
      const length = allowed(bytes.length)
      proxy.passed.bytes += length
      if (!to.destroyed && length > 0) to.write(bytes.subarray(0, length))
      if (length === bytes.length) return
      to.destroySoon()
      from.destroy()
    }
    let last = Promise.resolve()
    from.on('data', (bytes: Buffer) => {
      from.pause()
      for (let start = 0; start < bytes.length; start += longestStretch) {
        const part = bytes.subarray(start, start + longestStretch)
        last = last.then(() => stretch(part))
      }
      last = last.then(() => void from.resume())
    })
    from.on('close', () => {
      last = last.then(() => {
        if (proxy.condition.halfOpen !== true) to.destroySoon()
      })
    })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: ThrottlingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    condition: {},
    passed: { bytes: 0, connections: 0 },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
  return proxy
}

const delayOf = (condition: LinkCondition, bytes: number, random: () => number): number => {
  const { bytesPerSecond, latencyMilliseconds = 0, jitterMilliseconds = 0, stallChance = 0 } = condition
  const stall = stallChance > 0 && random() < stallChance ? (condition.stallMilliseconds ?? 0) : 0
  const jitter = jitterMilliseconds > 0 ? random() * jitterMilliseconds : 0
  return latencyMilliseconds + jitter + stall + (bytesPerSecond === undefined ? 0 : (bytes * 1000) / bytesPerSecond)
}
