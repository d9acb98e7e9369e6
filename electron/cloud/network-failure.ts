/** Why no answer of the cloud arrived. */
export type NetworkFailure =
  | 'address_unknown'
  | 'no_network'
  | 'refused'
  | 'timeout'
  | 'not_trusted'
  | 'intercepted'
  | 'proxy_refused'
  | 'interrupted'
  | 'cancelled'

const byCode: Readonly<Record<string, NetworkFailure>> = {
  ENOTFOUND: 'address_unknown',
  EAI_AGAIN: 'address_unknown',
  ENETUNREACH: 'no_network',
  ENETDOWN: 'no_network',
  EADDRNOTAVAIL: 'no_network',
  EHOSTUNREACH: 'no_network',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  // A proxy answered the wish for a connection with something else than one, such as 407. An abort of ours carries its own reason.
  UND_ERR_ABORTED: 'proxy_refused',
  EPROTO: 'not_trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'not_trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'not_trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'not_trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'not_trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'not_trusted',
  CERT_HAS_EXPIRED: 'not_trusted',
  CERT_NOT_YET_VALID: 'not_trusted',
  HOSTNAME_MISMATCH: 'not_trusted',
}

const codeOf = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string'
    ? value.code
    : undefined

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : ''

/** The errors that a `fetch` rejection carries: itself, its cause, and each address that was tried (`AggregateError`). */
function* causesOf(error: unknown): Generator<unknown> {
  let current: unknown = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    yield current
    if ('errors' in current && Array.isArray(current.errors)) yield* current.errors
    current = 'cause' in current ? current.cause : undefined
  }
}

/**
 * What a rejected `fetch` of Node says about the network, by the code of the system error below it.
 * An abort that is not a timeout counts as cancelled; a broken connection as interrupted.
 */
export function classifyNetworkFailure(error: unknown): NetworkFailure {
  for (const cause of causesOf(error)) {
    if (nameOf(cause) === 'TimeoutError') return 'timeout'
    const code = codeOf(cause)
    if (code === undefined) continue
    const known = byCode[code]
    if (known !== undefined) return known
    if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code.startsWith('CERT_')) return 'not_trusted'
  }
  for (const cause of causesOf(error)) if (nameOf(cause) === 'AbortError') return 'cancelled'
  return 'interrupted'
}
