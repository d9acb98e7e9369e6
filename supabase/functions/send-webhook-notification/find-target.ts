import { isAddress, isLoopback, isPublicAddress } from './public-address.ts'

/** Where a delivery goes: the address as it was given, and the IP addresses of its host, each of them checked. */
export interface Target {
  readonly url: URL
  readonly addresses: readonly string[]
}

/** Why nothing is sent there. `final` where the address itself is at fault, not the moment. */
export interface NoTarget {
  readonly refused: string
  readonly final: boolean
}

/** All addresses of a host name; empty where there is none. */
export type Resolve = (name: string) => Promise<readonly string[]>

const allowedPorts = new Set(['', '443', '8443'])

const no = (refused: string, final = true): NoTarget => ({ refused, final })

/**
 * Hosts on this machine that a developer allows, as `host:port` separated by commas; none unless the environment says
 * that it is for development.
 */
const allowedLoopback = (environment: Readonly<Record<string, string>>): readonly string[] =>
  environment.VERIDESK_ENVIRONMENT === 'development'
    ? (environment.VERIDESK_WEBHOOK_LOOPBACK ?? '').split(',').map((entry) => entry.trim())
    : []

/**
 * Decides whether an address may be sent to, so that no webhook makes the cloud reach into its own network: https, a
 * usual port, no user name, and every IP address of the host is public. `URL` reads decimal, octal, hexadecimal and
 * shortened spellings of an IPv4 address into its usual one before it is checked. Where one address of a name is not
 * public, none is used.
 */
export const findTarget = async (
  text: string,
  environment: Readonly<Record<string, string>>,
  resolve: Resolve,
): Promise<Target | NoTarget> => {
  if (!URL.canParse(text)) return no('The address is not a URL.')
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.username !== '' || url.password !== '') return no('The address has a user name in it.')
  if (
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    isLoopback(host) &&
    allowedLoopback(environment).includes(url.host)
  ) {
    return { url, addresses: [host] }
  }
  if (url.protocol !== 'https:') return no('Only https addresses are sent to.')
  if (!allowedPorts.has(url.port)) return no('Only the ports 443 and 8443 are sent to.')
  if (isAddress(host))
    return isPublicAddress(host) ? { url, addresses: [host] } : no('The address is not a public one.')
  let addresses: readonly string[]
  try {
    addresses = await resolve(host)
  } catch {
    return no('The name of the host could not be resolved.', false)
  }
  if (addresses.length === 0) return no('The name of the host has no address.', false)
  if (!addresses.every(isPublicAddress))
    return no('The name of the host leads to an address that is not public.', false)
  return { url, addresses }
}
