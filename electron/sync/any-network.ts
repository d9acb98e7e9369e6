import { networkInterfaces } from 'node:os'

/** True where this computer has an address beside those that lead back to itself. */
export const anyNetwork = (): boolean =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal) === true)
