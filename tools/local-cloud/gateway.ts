import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'

/** The open door of a local cloud. */
export interface Gateway {
  readonly url: string
  readonly port: number
  /** Takes no more requests, ends those under way and frees the port. */
  close(): Promise<void>
}

/** One part of the cloud: what it answers, by the beginning of the path. */
export type Routes = Readonly<Record<`/${string}/v1/`, (request: Request) => Promise<Response>>>

const unknownPath = (): Response => Response.json({ message: 'no Route matched with those values' }, { status: 404 })

const isInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')

const listen = (routes: Routes, port: number): Promise<Gateway> =>
  new Promise((resolve, reject) => {
    const server = createAdaptorServer({
      fetch: async (request) => {
        const { pathname } = new URL(request.url)
        const route = Object.entries(routes).find(([prefix]) => pathname.startsWith(prefix))
        return route === undefined ? unknownPath() : route[1](request)
      },
    })
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as AddressInfo
      resolve({
        url: `http://127.0.0.1:${address.port}`,
        port: address.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            if ('closeAllConnections' in server) server.closeAllConnections()
          }),
      })
    })
  })

/**
 * Listens on 127.0.0.1 and sends each request to its part; any other path is unknown. `port` is binding; without one,
 * `preferred` is taken if it is free, so that a cloud keeps its address between starts, and else any free port.
 */
export const openGateway = async (
  routes: Routes,
  ports: { readonly port: number | undefined; readonly preferred: number | undefined },
): Promise<Gateway> => {
  if (ports.port !== undefined) return listen(routes, ports.port)
  if (ports.preferred === undefined) return listen(routes, 0)
  try {
    return await listen(routes, ports.preferred)
  } catch (error) {
    if (!isInUse(error)) throw error
    return listen(routes, 0)
  }
}
