import { expect, it } from 'vitest'
import { startOfContentRange } from './download-object.ts'
import { classifyNetworkFailure } from './network-failure.ts'

const failed = (cause: unknown) => new TypeError('fetch failed', { cause })
const system = (code: string) => Object.assign(new Error(code), { code })

it.each([
  [failed(system('ENOTFOUND')), 'address_unknown'],
  [failed(system('ENETUNREACH')), 'no_network'],
  [failed(new AggregateError([system('ECONNREFUSED'), system('ECONNREFUSED')])), 'refused'],
  [failed(system('UND_ERR_CONNECT_TIMEOUT')), 'timeout'],
  [new DOMException('late', 'TimeoutError'), 'timeout'],
  [failed(system('CERT_HAS_EXPIRED')), 'not_trusted'],
  [failed(system('ERR_TLS_CERT_ALTNAME_INVALID')), 'not_trusted'],
  [new DOMException('stop', 'AbortError'), 'cancelled'],
  [failed(system('ECONNRESET')), 'interrupted'],
  ['thrown', 'interrupted'],
])('tells %s as %s', (error, failure) => {
  expect(classifyNetworkFailure(error)).toBe(failure)
})

it('reads where a part of a file begins', () => {
  expect(startOfContentRange('bytes 100-199/200')).toBe(100)
  expect(startOfContentRange('bytes 0-0/*')).toBe(0)
  expect(startOfContentRange('pages 1-2/3')).toBeNull()
  expect(startOfContentRange(null)).toBeNull()
})
