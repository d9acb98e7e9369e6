import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'

/** A way to a server that counts what goes through, in both directions, as it is on the wire. */
export interface CountingProxy {
  readonly url: string
  readonly bytes: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts it in a process of its own, so that its work is nobody else's. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const child = fork(import.meta.filename, [target])
  const [port] = (await once(child, 'message')) as [number]
  return {
    url: `http://127.0.0.1:${port}`,
    async bytes() {
      child.send('bytes')
      const [count] = (await once(child, 'message')) as [number]
      return count
    },
    async stop() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

const [, file, target] = process.argv
if (file === import.meta.filename && target !== undefined) {
  const { hostname, port } = new URL(target)
  let count = 0
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => {
        count += chunk.length
        to.write(chunk)
      })
      from.on('close', () => to.destroy())
      from.on('error', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
  process.on('message', () => process.send?.(count))
}
