import { afterAll, beforeAll, expect, test } from 'vitest'
import { happeningsOf, type Started, startProgram } from './testing/launch.ts'

let started: Started
beforeAll(async () => {
  started = await startProgram()
})
afterAll(() => started.stop())

test('a script written into the page does not run', async () => {
  expect(await started.page.evaluate(() => 'inlineScriptRan' in window)).toBe(false)
})

test("the page's own script can neither make code from text nor write markup", async () => {
  const report = await started.page.evaluate(() => window.report)
  expect(report).toMatchObject({
    eval: 'EvalError',
    newFunction: 'EvalError',
    innerHtml: 'TypeError',
    scriptText: 'TypeError',
    workerFromText: 'TypeError',
    otherPolicy: 'TypeError',
    assembly: 'CompileError',
  })
})

test("the PDF viewer's worker may compile WebAssembly, and still no text", async () => {
  expect(await started.page.evaluate(() => window.pdfWorker)).toEqual({ assembly: 'done', eval: 'EvalError' })
})

test('the style sheet of the bundle is applied and a style written into the page is not', async () => {
  const colors = await started.page.evaluate(() => {
    const element = document.createElement('p')
    element.setAttribute('style', 'color: rgb(9, 9, 9)')
    document.body.append(element)
    const root = document.getElementById('root') as HTMLElement
    return [getComputedStyle(root).color, getComputedStyle(element).color]
  })
  expect(colors).toEqual(['rgb(1, 2, 3)', 'rgb(0, 0, 0)'])
})

test('the page reaches no other origin', async () => {
  const outcome = await started.page.evaluate(() => fetch('https://example.com/').then(String, (error) => error.name))
  expect(outcome).toBe('TypeError')
})

test('the page is isolated across origins', async () => {
  expect(await started.page.evaluate(() => [window.crossOriginIsolated, window.isSecureContext])).toEqual([true, true])
})

test("the page sees what the preload exposes, frozen, and none of the preload's own values", async () => {
  const seen = await started.page.evaluate(() => {
    const bridge = window.bridge as { invoke: unknown }
    try {
      bridge.invoke = null
    } catch {}
    return {
      secret: 'preloadSecret' in window,
      require: 'require' in window,
      process: 'process' in window,
      frozen: Object.isFrozen(window.bridge) && typeof bridge.invoke === 'function',
      host: Object.keys(window).filter((name) => /^(call_|receive_)/.test(name)),
    }
  })
  expect(seen).toEqual({ secret: false, require: false, process: false, frozen: true, host: [] })
})

test('window.open gives null, and neither it nor a link with a target opens a window', async () => {
  expect(await started.page.evaluate(() => window.open('https://example.com/'))).toBeNull()
  await started.page.click('#popup')
  await expect
    .poll(
      async () => (await happeningsOf(started.app)).filter(({ event }) => event === 'security.window-refused').length,
    )
    .toBe(2)
  await expect.poll(() => started.app.windows().length).toBe(1)
})

test('the page cannot go to another site, nor to evidence as a page', async () => {
  const before = started.page.url()
  await started.page.click('#away')
  await started.page.click('#evidence')
  await expect
    .poll(async () => (await happeningsOf(started.app)).filter(({ event }) => event === 'security.navigation-refused'))
    .toMatchObject([
      { what: 'page', place: 'https://example.com' },
      { what: 'page', place: 'app://bundle' },
    ])
  expect(started.page.url()).toBe(before)
  expect(await started.page.evaluate(() => document.title)).toBe('Host program')
})

test('permissions that the handlers refuse are refused to the page', async () => {
  const answers = await started.page.evaluate(async () => ({
    place: await new Promise((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve('given'),
        ({ code }) => resolve(code),
      ),
    ),
    notifications: await Notification.requestPermission(),
    clipboard: (await navigator.permissions.query({ name: 'clipboard-read' as PermissionName })).state,
  }))
  expect(answers).toEqual({ place: 1, notifications: 'denied', clipboard: 'denied' })
})

test('what the handlers grant to an origin is granted to it alone', async () => {
  const states = await started.app.evaluate(async ({ session, BrowserWindow }) => {
    session.defaultSession.setPermissionCheckHandler(() => true)
    session.defaultSession.setPermissionRequestHandler((_contents, permission, answer, details) =>
      answer(permission === 'notifications' && details.requestingUrl.startsWith('foreign://site')),
    )
    const window = new BrowserWindow()
    await window.loadURL('foreign://site/index.html')
    const states = await window.webContents.executeJavaScript(
      `Promise.all(['notifications', 'geolocation'].map(async (name) => (await navigator.permissions.query({name})).state))`,
    )
    window.destroy()
    return states
  })
  expect(states).toEqual(['granted', 'denied'])
  expect(await started.page.evaluate(() => Notification.permission)).toBe('denied')
})

test('a call from another origin is refused, and a subframe has no bridge at all', async () => {
  const seen = await started.app.evaluate(async ({ BrowserWindow }) => {
    const [own] = BrowserWindow.getAllWindows()
    if (!own) throw new Error('no window')
    await own.loadURL('foreign://site/index.html')
    const call = `window.bridge.invoke('veridesk:number.double', 7, { value: 2 })`
    const refused = await own.webContents.executeJavaScript(call)
    const inFrame = await own.webContents.executeJavaScript(`new Promise((resolve) => {
      const frame = document.createElement('iframe')
      frame.onload = () => resolve(Object.keys(frame.contentWindow).includes('bridge'))
      frame.src = 'foreign://site/frame.html'.replace('foreign://site', location.origin)
      document.body.append(frame)
    })`)
    await own.loadURL('app://bundle/index.html')
    return { refused, inFrame, accepted: await own.webContents.executeJavaScript(call) }
  })
  expect(seen).toMatchObject({
    refused: { ok: false, error: { code: 'not_allowed' } },
    inFrame: false,
    accepted: { ok: true, value: 4 },
  })
})
