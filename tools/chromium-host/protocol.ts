import type * as Electron from 'electron'
import { addScheme, removeScheme } from './addresses.ts'
import { NotImplementedError, refuseMissing } from './unsupported.ts'

type Handler = (request: Request) => Response | Promise<Response>

const handlers = new Map<string, Handler>()

/** The program's handler for a scheme. */
export const handlerFor = (scheme: string): Handler | undefined => handlers.get(scheme)

/** Stands for Electron's `protocol`, also as `session.protocol`. */
export const protocol = refuseMissing('protocol', {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    for (const { scheme, privileges } of schemes) {
      // Behind every scheme stands a https origin here, so a scheme that is less than that would behave otherwise in Electron.
      if (!privileges?.standard || !privileges.secure)
        throw new NotImplementedError(`a scheme that is not standard and secure ('${scheme}')`)
      if (privileges.bypassCSP) throw new NotImplementedError(`the privilege bypassCSP ('${scheme}')`)
    }
  },
  handle(scheme: string, handler: Handler): void {
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}: it has a handler already`)
    addScheme(scheme)
    handlers.set(scheme, handler)
  },
  unhandle(scheme: string): void {
    removeScheme(scheme)
    handlers.delete(scheme)
  },
  isProtocolHandled: (scheme: string): boolean => handlers.has(scheme),
}) satisfies Pick<
  Electron.Protocol,
  'registerSchemesAsPrivileged' | 'handle' | 'unhandle' | 'isProtocolHandled'
> as unknown as Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle' | 'unhandle' | 'isProtocolHandled'>
