/// <reference path="../_shared/deno.d.ts" />
import { joinUpTo, type Transport } from './transport.ts'

/**
 * By the platform's `fetch`. The name is resolved and its addresses are checked right before, and yet `fetch` resolves
 * it again: a name server that answers differently within those milliseconds is not caught here. https closes most of
 * that gap, since an inner service has no certificate for the name, and a hosted function has no inner network to reach.
 */
export const denoTransport: Transport = {
  resolve: async (name) => {
    const answers = await Promise.allSettled([Deno.resolveDns(name, 'A'), Deno.resolveDns(name, 'AAAA')])
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  },
  send: async ({ url }, { headers, body, limit, signal }) => {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    const chunks: Uint8Array[] = []
    let size = 0
    const reader = response.body?.getReader()
    for (let step = await reader?.read(); step !== undefined && !step.done; step = await reader?.read()) {
      chunks.push(step.value)
      size += step.value.byteLength
      if (size >= limit) break
    }
    await reader?.cancel()
    return { status: response.status, body: joinUpTo(chunks, limit) }
  },
}
