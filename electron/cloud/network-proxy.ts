import http from 'node:http'
import type { CloudClock } from './exchange.ts'

/** Where it is said what could not be used. */
interface ProxyLog {
  readonly warn: (event: string, facts?: Readonly<Record<string, string>>) => void
  readonly error: (event: string) => void
}

/** Who knows of proxies. */
export interface NetworkProxyOptions {
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not. Where a proxy is named here, the system is not asked. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What the system says about an address, in the words of a PAC file: `DIRECT`, or `PROXY host:port` and others after semicolons. */
  readonly resolveProxy: (url: string) => Promise<string>
  readonly clock: CloudClock
  readonly log: ProxyLog
}

/** A network that leads through the proxy of this computer, where it has one. */
export interface ProxiedNetwork {
  readonly fetch: typeof globalThis.fetch
  /** Puts the thread's own network back. */
  readonly end: () => void
}

/** Names of the environment that say something about proxies. */
export const proxyVariables = [
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy',
] as const

/** What is on this computer itself, such as the demo's cloud, is never behind a proxy. */
const thisComputer = 'localhost,127.0.0.1,::1,[::1]'
/** What the system said counts for so long: people carry laptops from network to network. */
const validMilliseconds = 30_000

type Settings = Readonly<Record<string, string>>

/**
 * A `fetch` through the proxy that the environment or the system names. Node itself does the work: its switch for proxies is of the
 * whole thread, and the database thread talks to nobody but the cloud. Of several proxies the first counts; SOCKS is not understood.
 */
export function createProxiedNetwork(options: NetworkProxyOptions): ProxiedNetwork {
  const { clock, log } = options
  const named = settingsOfEnvironment(options.environment)
  const known = new Map<string, { readonly settings: Settings | null; readonly until: number }>()
  let applied = 'null'
  let restore = () => {}

  const apply = (settings: Settings | null) => {
    const wanted = JSON.stringify(settings)
    if (wanted === applied) return
    applied = wanted
    restore()
    restore = () => {}
    if (settings === null) return
    try {
      restore = http.setGlobalProxyFromEnv(settings)
    } catch {
      // Its address may carry a password: the log does not get it.
      log.error('network.proxy_not_understood')
    }
  }
  const ask = async (origin: string): Promise<Settings | null> => {
    const before = known.get(origin)
    if (before !== undefined && clock.elapsedMilliseconds() < before.until) return before.settings
    const settings = await options.resolveProxy(origin).then(
      (answer) => settingsOfSystem(answer, log),
      () => {
        log.warn('network.proxy_not_resolved')
        return null
      },
    )
    known.set(origin, { settings, until: clock.elapsedMilliseconds() + validMilliseconds })
    return settings
  }

  return {
    async fetch(input, init) {
      const { origin } = new URL(input instanceof Request ? input.url : input)
      apply(named ?? (await ask(origin)))
      try {
        return await fetch(input, init)
      } catch (error) {
        // The network may be another one by now.
        known.delete(origin)
        throw error
      }
    },
    end: () => apply(null),
  }
}

function settingsOfEnvironment(environment: Readonly<Record<string, string | undefined>>): Settings | null {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name] || ''
  const [https, plain] = [read('HTTPS_PROXY'), read('HTTP_PROXY')]
  if (https === '' && plain === '') return null
  const except = read('NO_PROXY')
  return {
    ...(https === '' ? {} : { https_proxy: https }),
    ...(plain === '' ? {} : { http_proxy: plain }),
    no_proxy: except === '' ? thisComputer : `${except},${thisComputer}`,
  }
}

/** Reads the first of what a PAC file answers. Null: no proxy. */
function settingsOfSystem(answer: string, log: ProxyLog): Settings | null {
  const [kind = '', address = ''] = (answer.split(';')[0] ?? '').trim().split(/\s+/)
  switch (kind.toUpperCase()) {
    case 'PROXY':
    case 'HTTPS': {
      const url = `${kind.toUpperCase() === 'HTTPS' ? 'https' : 'http'}://${address}`
      return { https_proxy: url, http_proxy: url, no_proxy: thisComputer }
    }
    case 'DIRECT':
    case '':
      return null
    default:
      log.warn('network.proxy_of_unknown_kind', { kind })
      return null
  }
}
