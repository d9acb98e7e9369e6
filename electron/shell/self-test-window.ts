import type { WebContents } from 'electron'
import { z } from 'zod'
import { windowPolicy } from './content-security-policy.ts'
import { type CheckFacts, ensure } from './self-test-report.ts'

/** Runs inside the window's page and looks at what a page can see. */
const probe = `(async () => {
  const answer = await fetch('index.html')
  const isBlocked = (work) => { try { work(); return false } catch { return true } }
  return {
    address: location.origin + location.pathname,
    browser: navigator.userAgent.match(/Chrom\\w*\\/[\\d.]+/)?.[0] ?? navigator.userAgent,
    status: answer.status,
    contentSecurityPolicy: answer.headers.get('content-security-policy'),
    sniffing: answer.headers.get('x-content-type-options'),
    nodeNames: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in globalThis),
    bridgeNames: Object.keys(globalThis.veridesk ?? {}),
    bridgeIsFrozen: Object.isFrozen(globalThis.veridesk),
    textAsMarkupIsBlocked: isBlocked(() => { document.createElement('div').innerHTML = '<b></b>' }),
  }
})()`

const pageFacts = z.object({
  address: z.string(),
  browser: z.string(),
  status: z.number(),
  contentSecurityPolicy: z.string().nullable(),
  sniffing: z.string().nullable(),
  nodeNames: z.array(z.string()),
  bridgeNames: z.array(z.string()),
  bridgeIsFrozen: z.boolean(),
  textAsMarkupIsBlocked: z.boolean(),
})

/** The window's own files come over the program's own protocol, with the whole policy. */
export async function checkProtocol(contents: WebContents): Promise<CheckFacts> {
  const seen = pageFacts.parse(await contents.executeJavaScript(probe))
  const { address, browser, status, contentSecurityPolicy, sniffing } = seen
  ensure(status === 200, `The window's page was answered with ${status}`)
  ensure(contentSecurityPolicy === windowPolicy, `The page's content security policy is ${contentSecurityPolicy}`)
  ensure(sniffing === 'nosniff', 'The page may be taken for another type than it states')
  return { address, browser, contentSecurityPolicy }
}

/** The page has no Node, one frozen bridge, and may not turn text into markup. */
export async function checkIsolation(contents: WebContents): Promise<CheckFacts> {
  const seen = pageFacts.parse(await contents.executeJavaScript(probe))
  ensure(seen.nodeNames.length === 0, `The page can see ${seen.nodeNames.join(', ')}`)
  ensure(
    seen.bridgeIsFrozen && seen.bridgeNames.toSorted().join() === 'invoke,on,versions',
    'The bridge is not as built',
  )
  ensure(seen.textAsMarkupIsBlocked, 'The page may turn text into markup: Trusted Types are not enforced')
  // Electron alone states what the renderer was started with; it is not part of its published types.
  const stated =
    'getLastWebPreferences' in contents && typeof contents.getLastWebPreferences === 'function'
      ? z
          .object({ sandbox: z.boolean(), contextIsolation: z.boolean(), nodeIntegration: z.boolean() })
          .parse(contents.getLastWebPreferences())
      : null
  if (stated !== null)
    ensure(stated.sandbox && stated.contextIsolation && !stated.nodeIntegration, 'The renderer is not sandboxed')
  return {
    pageSeesNode: false,
    trustedTypes: true,
    sandbox: stated?.sandbox ?? 'enforced by the host',
    contextIsolation: stated?.contextIsolation ?? 'enforced by the host',
  }
}

const rounds = 50
const roundTrips = `(async () => {
  const times = []
  let answer
  for (let round = 0; round < ${rounds}; round += 1) {
    const started = performance.now()
    answer = await globalThis.veridesk.invoke('app.info', {})
    times.push(performance.now() - started)
  }
  return { answer, median: times.sort((left, right) => left - right)[${rounds / 2}] }
})()`

const roundTripAnswer = z.object({
  answer: z.object({ ok: z.literal(true), value: z.object({ version: z.string(), host: z.string() }) }),
  median: z.number(),
})

/** A call goes from the page through preload, main process and database thread, and its answer comes back. */
export async function checkCalls(contents: WebContents, appVersion: string): Promise<CheckFacts> {
  const parsed = roundTripAnswer.safeParse(await contents.executeJavaScript(roundTrips))
  ensure(parsed.success, 'The database thread did not answer app.info')
  const { answer, median } = roundTripAnswer.parse(parsed.data)
  ensure(answer.value.version === appVersion, `The database thread is of version ${answer.value.version}`)
  return { calls: rounds, medianMilliseconds: Math.round(median * 100) / 100, host: answer.value.host }
}
