import { networkInterfaces } from 'node:os'
import type * as Electron from 'electron'
import { refuseMissing } from './unsupported.ts'

const isOnline = (): boolean =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some((address) => !address.internal))

/** Stands for Electron's `net`; requests go by Node's own `fetch`. */
export const net = refuseMissing('net', {
  isOnline,
  get online() {
    return isOnline()
  },
  fetch: (input: string | Request, init?: RequestInit): Promise<Response> => fetch(input, init),
}) satisfies Pick<Electron.Net, 'isOnline' | 'online'>
