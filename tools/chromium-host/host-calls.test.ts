import { afterAll, beforeAll, expect, test } from 'vitest'
import { happeningsOf, type Started, startProgram } from './testing/launch.ts'

let started: Started
beforeAll(async () => {
  started = await startProgram()
})
afterAll(() => started.stop())

test('bytes, maps, dates, sets and odd numbers make the round trip to the program', async () => {
  const kept = await started.page.evaluate(async () => {
    const sent = {
      bytes: new Uint8Array([1, 2, 255]),
      floats: new Float64Array([0.5, -1]),
      map: new Map([['a', new Date(86_400_000)]]),
      set: new Set([1n]),
      odd: [undefined, null, Number.NaN, -0, Number.POSITIVE_INFINITY],
      $: 'a key of its own',
      text: 'äöü 🌳',
    }
    const got = (await window.bridge.invoke('echo', sent)) as typeof sent
    return [
      got.bytes instanceof Uint8Array && got.bytes.join(),
      got.floats instanceof Float64Array && got.floats.join(),
      got.map.get('a')?.toISOString(),
      got.set.has(1n),
      got.odd.map((value) => (Object.is(value, -0) ? '-0' : String(value))).join(),
      got.$,
      got.text,
    ]
  })
  expect(kept).toEqual([
    '1,2,255',
    '0.5,-1',
    '1970-01-02T00:00:00.000Z',
    true,
    'undefined,null,NaN,-0,Infinity',
    'a key of its own',
    'äöü 🌳',
  ])
})

test('an answer of several megabytes arrives whole', async () => {
  const [length, last] = await started.page.evaluate(async () => {
    const got: Uint8Array = await window.bridge.invoke('echo', new Uint8Array(4_000_000).fill(7))
    return [got.length, got.at(-1)]
  })
  expect([length, last]).toEqual([4_000_000, 7])
})

test("a handler's exception rejects the call with Electron's words", async () => {
  const message = await started.page.evaluate(() => window.bridge.invoke('fail').catch((error: Error) => error.message))
  expect(message).toBe("Error invoking remote method 'fail': RangeError: the handler failed")
})

test('a symbol cannot be sent, and a channel without a handler rejects', async () => {
  const messages = await started.page.evaluate(async () => [
    await (async () => window.bridge.invoke('echo', Symbol.iterator))().catch((error: Error) => error.message),
    await window.bridge.invoke('nobody').catch((error: Error) => error.message),
  ])
  expect(messages[0]).toContain('cannot cross')
  expect(messages[1]).toContain("No handler registered for 'nobody'")
})

test('callbacks and exceptions cross between the page and the preload', async () => {
  const seen = await started.page.evaluate(() => {
    let name = ''
    try {
      window.bridge.fail()
    } catch (error) {
      name = error instanceof Error ? `${error.name}: ${error.message}` : ''
    }
    return [window.bridge.callBack((value) => `${value} and back`), name]
  })
  expect(seen).toEqual(['from the preload and back', 'TypeError: refused by the preload'])
})

test('messages go both ways, until the listener is taken off', async () => {
  const heard = await started.page.evaluate(async () => {
    const heard: unknown[] = []
    const stop = window.bridge.on('noted', (value) => heard.push(value))
    window.bridge.send('note', 1)
    await window.bridge.invoke('echo', 0)
    stop()
    window.bridge.send('note', 2)
    await window.bridge.invoke('echo', 0)
    return heard
  })
  expect(heard).toEqual([1])
  expect(await happeningsOf(started.app)).toContainEqual({ event: 'note', value: 2 })
})

test('input that does not fit the schema, another version and a defect are answers, not exceptions', async () => {
  const answers = await started.page.evaluate(async () => [
    await window.bridge.invoke('veridesk:number.double', 7, { value: 21 }),
    await window.bridge.invoke('veridesk:number.double', 7, { value: 'x' }),
    await window.bridge.invoke('veridesk:number.double', 6, { value: 21 }),
    await window.bridge.invoke('veridesk:number.break', 7, {}),
  ])
  expect(answers).toMatchObject([
    { ok: true, value: 42 },
    { ok: false, error: { code: 'invalid_input', detail: { field: 'value' } } },
    { ok: false, error: { code: 'internal' } },
    { ok: false, error: { code: 'internal' } },
  ])
  expect(JSON.stringify(answers)).not.toContain('secret')
  expect(await happeningsOf(started.app)).toContainEqual(expect.objectContaining({ message: 'a secret detail' }))
})

test('evidence is served whole and in ranges, with a policy that lets it do nothing', async () => {
  const seen = await started.page.evaluate(async () => {
    const ask = async (range?: string, token = 'sample') => {
      const response = await fetch(`./evidence/${token}`, range === undefined ? {} : { headers: { range } })
      const bytes = new Uint8Array(await response.arrayBuffer())
      return {
        status: response.status,
        length: bytes.length,
        first: bytes[0],
        range: response.headers.get('content-range'),
        policy: response.headers.get('content-security-policy'),
        disposition: response.headers.get('content-disposition'),
        sniff: response.headers.get('x-content-type-options'),
      }
    }
    return {
      whole: await ask(),
      part: await ask('bytes=252-1000'),
      rest: await ask('bytes=2999990-'),
      beyond: await ask('bytes=4000000-'),
      unknown: await ask(undefined, 'other'),
    }
  })
  expect(seen).toMatchObject({
    whole: { status: 200, length: 3_000_000, policy: "default-src 'none'; sandbox", sniff: 'nosniff' },
    part: { status: 206, length: 749, first: 1, range: 'bytes 252-1000/3000000' },
    rest: { status: 206, length: 10, range: 'bytes 2999990-2999999/3000000' },
    beyond: { status: 416, length: 0, range: 'bytes */3000000' },
    unknown: { status: 404 },
  })
  expect(seen.whole.disposition).toBe('inline; filename="ticket.pdf"')
})

test('paths out of the bundle, other methods and requests the program forbids get nothing', async () => {
  const statuses = await started.page.evaluate(async () => [
    (await fetch('./..%2f..%2fmain.ts')).status,
    (await fetch('./%2e%2e/preload.cjs')).status,
    (await fetch('./page.js', { method: 'POST', body: 'x' })).status,
    await fetch('./forbidden.js').then(
      () => 'answered',
      () => 'blocked',
    ),
  ])
  expect(statuses).toEqual([404, 404, 405, 'blocked'])
})

test('headers that the program adds to its own answers reach the page', async () => {
  expect(await started.page.evaluate(async () => (await fetch('./style.css')).headers.get('x-seen-by'))).toBe('main')
})

test('a call that the host does not have throws on both sides', async () => {
  const main = await started.app.evaluate(({ app, BrowserWindow, Tray, screen }) => {
    const messageOf = (action: () => unknown) => {
      try {
        action()
        return 'nothing thrown'
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    }
    const [window] = BrowserWindow.getAllWindows()
    return [
      messageOf(() => app.setBadgeCount(1)),
      messageOf(() => window?.setProgressBar(0.5)),
      messageOf(() => window?.on('app-command', () => {})),
      messageOf(() => new BrowserWindow({ webPreferences: { nodeIntegration: true } })),
      messageOf(() => new Tray('icon.png')),
      messageOf(() => screen.getAllDisplays()),
    ]
  })
  for (const message of main) expect(message).toContain('is not implemented')
  const page = await started.page.evaluate(() => {
    const messageOf = (action: () => unknown) => {
      try {
        action()
        return 'nothing thrown'
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    }
    return [
      messageOf(() => window.bridge.sendSync()),
      messageOf(() => window.bridge.pathOf(new File([], 'x'))),
      messageOf(() => window.bridge.requireNode()),
    ]
  })
  expect(page[0]).toContain('is not implemented')
  expect(page[1]).toContain('is not implemented')
  expect(page[2]).toBe('module not found: node:fs')
})
