import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'
import { joinUpTo, type Transport } from './transport.ts'

/** Answers with addresses that were checked before, so that a name is not resolved a second time to something else. */
const answerWith =
  (addresses: readonly string[]): LookupFunction =>
  (_name, options, done) => {
    const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
    if (options.all === true) done(null, all)
    else done(null, all[0]?.address ?? '', all[0]?.family)
  }

/** By Node's own client: the connection goes to an address that was checked, while the certificate is that of the name. */
export const nodeTransport: Transport = {
  resolve: async (name) => (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address),
  send: ({ url, addresses }, { headers, body, limit, signal }) =>
    new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? https : http).request(
        url,
        {
          method: 'POST',
          agent: false,
          lookup: answerWith(addresses),
          headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
          signal,
        },
        (response) => {
          const chunks: Uint8Array[] = []
          let size = 0
          const end = (): void => {
            resolve({ status: response.statusCode ?? 0, body: joinUpTo(chunks, limit) })
            request.destroy()
          }
          response.on('data', (chunk: Uint8Array) => {
            chunks.push(chunk)
            size += chunk.byteLength
            if (size >= limit) end()
          })
          response.on('end', end)
          response.on('error', reject)
        },
      )
      request.on('error', reject)
      request.end(body)
    }),
}
