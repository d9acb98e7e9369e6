import { expect, test } from '../fixtures/journey.ts'
import { documentedBatch } from '../fixtures/register.ts'
import { personNamed, signInAs } from '../fixtures/sign-in.ts'

const auditor = personNamed('Bayu Prasetyo')

test('the page runs its own files and nothing else, and reaches nobody', async ({ openProgram }) => {
  const { page } = await openProgram()
  const outcomes = await page.evaluate(async () => {
    // What a debugger runs is free of the policy; what it sets going is not.
    await new Promise((resolve) => setTimeout(resolve, 0))
    const outcomes: Record<string, string> = {}
    const attempt = async (name: string, work: () => unknown) => {
      try {
        outcomes[name] = String(await work())
      } catch (error) {
        outcomes[name] = error instanceof Error ? error.name : 'refused'
      }
    }
    const violated = (directive: string, act: () => void) =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => {
          if (event.effectiveDirective === directive) resolve('refused')
        })
        act()
      })
    await attempt('eval', () => Reflect.get(window, 'eval')('1 + 1'))
    await attempt('code from text', () => Reflect.construct(Reflect.get(window, 'Function'), ['return 1'])())
    await attempt('markup', () => {
      document.createElement('div').innerHTML = '<b>text</b>'
      return 'written'
    })
    await attempt('script text', () => {
      document.createElement('script').text = 'window.inlineRan = true'
      return 'written'
    })
    await attempt('another policy', () => Reflect.get(window, 'trustedTypes').createPolicy('another', {}).name)
    await attempt('a handler in markup', () =>
      violated('script-src-attr', () =>
        document.createElement('button').setAttribute('onclick', 'window.handlerRan = 1'),
      ),
    )
    await attempt('a foreign fetch', () => fetch('https://example.com/').then(({ status }) => status))
    await attempt('a foreign picture', () =>
      violated('img-src', () => {
        new Image().src = 'https://example.com/pixel.png'
      }),
    )
    await attempt('a foreign frame', () =>
      violated('frame-src', () => {
        const frame = document.createElement('iframe')
        frame.src = 'https://example.com/'
        document.body.append(frame)
      }),
    )
    await attempt('a foreign socket', () =>
      violated('connect-src', () => {
        new WebSocket('wss://example.com/')
      }),
    )
    await attempt('a new window', () => window.open('https://example.com/'))
    await attempt(
      'a place',
      () =>
        new Promise((resolve) =>
          navigator.geolocation.getCurrentPosition(
            () => resolve('given'),
            () => resolve('refused'),
          ),
        ),
    )
    await attempt('notifications', () => Notification.requestPermission())
    await attempt('the clipboard', () => navigator.clipboard.readText())
    await attempt('a camera', () =>
      navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'given',
        () => 'refused',
      ),
    )
    return outcomes
  })
  expect(outcomes).toEqual({
    eval: 'EvalError',
    'code from text': 'EvalError',
    markup: 'TypeError',
    'script text': 'TypeError',
    'another policy': 'TypeError',
    'a handler in markup': 'TypeError',
    'a foreign fetch': 'TypeError',
    'a foreign picture': 'refused',
    'a foreign frame': 'refused',
    'a foreign socket': 'refused',
    'a new window': 'null',
    'a place': 'refused',
    notifications: 'denied',
    'the clipboard': 'NotAllowedError',
    'a camera': 'refused',
  })
  const before = page.url()
  await page.evaluate(() => {
    location.href = 'https://example.com/'
  })
  await expect(page.getByRole('heading', { name: 'Connect to a cloud' })).toBeVisible()
  expect(page.url()).toBe(before)
  expect(await page.evaluate(() => ['inlineRan', 'handlerRan'].some((name) => name in window))).toBe(false)
})

test('the page has a frozen bridge of named channels, no Node, and a foreign page is refused', async ({
  openProgram,
}) => {
  const { app, page } = await openProgram()
  const seen = await page.evaluate(async () => {
    const bridge = window.veridesk
    const refusal = (work: () => unknown): Promise<string> =>
      Promise.resolve()
        .then(work)
        .then(
          () => 'accepted',
          (error: unknown) => (error instanceof Error ? error.message : 'refused'),
        )
    const frame = document.createElement('iframe')
    document.body.append(frame)
    const inFrame = frame.contentWindow === null ? true : 'veridesk' in frame.contentWindow
    frame.remove()
    return {
      frozen: Object.isFrozen(bridge) && Reflect.set(window, 'veridesk', {}) === false,
      members: Object.keys(bridge ?? {}).sort(),
      node: ['require', 'process', 'module', 'Buffer', '__dirname', 'ipcRenderer'].filter((name) => name in window),
      inFrame,
      unknownChannel: await refusal(() => bridge?.invoke('database.run' as 'app.info', { sql: 'select 1' })),
      inheritedChannel: await refusal(() => bridge?.invoke('constructor' as 'app.info', {})),
      unknownEvent: await refusal(() => bridge?.on('ipc.any' as 'sync.changed', () => {})),
      unknownField: await bridge?.invoke('session.state', { extra: 1 }),
      known: await bridge?.invoke('app.info', {}),
    }
  })
  expect(seen).toMatchObject({
    frozen: true,
    members: ['invoke', 'on', 'versions'],
    node: [],
    inFrame: false,
    unknownChannel: 'There is no channel database.run',
    inheritedChannel: 'There is no channel constructor',
    unknownEvent: 'There is no event ipc.any',
    unknownField: { ok: false, error: { code: 'invalid_input' } },
    known: { ok: true, value: { databaseEncrypted: true } },
  })

  const foreign = await app.evaluate(async ({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    if (window === undefined) throw new Error('The program has no window.')
    await window.loadURL('app://elsewhere/index.html')
    return window.webContents.executeJavaScript(
      `window.veridesk === undefined ? 'no bridge' : window.veridesk.invoke('session.state', {})`,
    )
  })
  if (foreign !== 'no bridge') expect(foreign).toMatchObject({ ok: false, error: { code: 'not_allowed' } })
})

test('evidence is read by a token that cannot be guessed, and no longer once its reader has left', async ({
  demoCloud,
  openProgram,
}) => {
  const [evidenceFileId] = documentedBatch(demoCloud, auditor).fileIds
  const { page } = await openProgram({ environment: demoCloud.environment })
  await signInAs(page, auditor)
  const seen = await page.evaluate(
    async ({ evidenceFileId }) => {
      const opened = (await window.veridesk?.invoke('evidence.open', { evidenceFileId })) as {
        readonly value: { readonly url: string; readonly byteSize: number; readonly sha256: string }
      }
      const { url, byteSize, sha256 } = opened.value
      const bytes = await (await fetch(url)).arrayBuffer()
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex()
      const guess = `${url.slice(0, -1)}${url.endsWith('0') ? '1' : '0'}`
      const status = async (address: string) => (await fetch(address)).status
      return {
        url,
        whole: bytes.byteLength === byteSize && hash === sha256,
        guessed: [await status(guess), await status('evidence/'), await status(`evidence/${evidenceFileId}`)],
        escaped: await status('evidence/..%2f..%2fpackage.json'),
        left: await window.veridesk?.invoke('session.signOut', { keepUnsent: false }).then(() => status(url)),
      }
    },
    { evidenceFileId },
  )
  expect(seen).toEqual({
    url: expect.stringMatching(/^evidence\/[0-9a-f]{32}$/),
    whole: true,
    guessed: [404, 404, 404],
    escaped: 404,
    left: 404,
  })
})
