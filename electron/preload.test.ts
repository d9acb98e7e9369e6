import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { build } from 'vite'
import { beforeAll, expect, test } from 'vitest'
import { channelNames } from '../shared/contract/channel-names.ts'
import type { PreloadBridge } from './preload.ts'

let source: string
beforeAll(async () => {
  // Built as the program's own preload is built: one file, CommonJS, everything inside but electron.
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { CONTRACT_VERSION: '4' },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(import.meta.dirname, 'preload.ts'), formats: ['cjs'] },
      rolldownOptions: { external: ['electron'] },
    },
  })
  const [output] = [built].flat()
  if (!output || !('output' in output)) throw new Error('nothing was built')
  expect(output.output).toHaveLength(1)
  source = output.output[0].code
})

interface Loaded {
  readonly bridge: PreloadBridge
  readonly exposed: readonly string[]
  readonly required: readonly string[]
  readonly calls: readonly (readonly unknown[])[]
  readonly ipc: EventEmitter
}

function load(): Loaded {
  const ipc = new EventEmitter()
  const calls: unknown[][] = []
  const required: string[] = []
  const exposed: Record<string, PreloadBridge> = {}
  const ipcRenderer = Object.assign(ipc, {
    invoke: async (...given: unknown[]) => {
      calls.push(given)
      return { ok: true, value: null }
    },
  })
  const contextBridge = {
    exposeInMainWorld: (name: string, value: PreloadBridge) => Object.assign(exposed, { [name]: value }),
  }
  const require = (name: string) => {
    required.push(name)
    if (name !== 'electron') throw new Error(`module not found: ${name}`)
    return { ipcRenderer, contextBridge }
  }
  runInNewContext(source, { require, module: { exports: {} }, exports: {}, process: { versions: { chrome: '150' } } })
  const bridge = exposed.veridesk
  if (!bridge) throw new Error('nothing was exposed')
  return { bridge, exposed: Object.keys(exposed), required: [...new Set(required)], calls, ipc }
}

test('it requires electron and nothing else, and carries no schema', () => {
  expect(load().required).toEqual(['electron'])
  expect([...source.matchAll(/\brequire\(["']([^"']+)["']\)/g)].map((match) => match[1])).toEqual(['electron'])
  expect(source).not.toMatch(/\bzod\b/i)
})

test('it exposes one frozen object with nothing of Electron in it', () => {
  const { bridge, exposed } = load()
  expect(exposed).toEqual(['veridesk'])
  expect(Object.isFrozen(bridge)).toBe(true)
  expect(Object.keys(bridge).toSorted()).toEqual(['invoke', 'on', 'versions'])
  expect({ ...bridge.versions }).toEqual({ contract: 4, electron: null, chrome: '150' })
})

test('a call of the contract goes out with the version, any other name is refused', async () => {
  const { bridge, calls } = load()
  await bridge.invoke(channelNames[0], { a: 1 })
  await expect(bridge.invoke('shell.openExternal', 'x')).rejects.toThrow('There is no channel')
  await expect(bridge.invoke('__proto__', 'x')).rejects.toThrow('There is no channel')
  expect(calls).toEqual([[`veridesk:${channelNames[0]}`, 4, { a: 1 }]])
})

test("a listener gets the payload without Electron's event, until it is taken off", () => {
  const { bridge, ipc } = load()
  const heard: unknown[][] = []
  const stop = bridge.on('sync.changed', (...given: unknown[]) => heard.push(given))
  ipc.emit('veridesk-event:sync.changed', { sender: 'electron' }, { queued: 1 })
  stop()
  ipc.emit('veridesk-event:sync.changed', { sender: 'electron' }, { queued: 2 })
  expect(heard).toEqual([[{ queued: 1 }]])
  expect(() => bridge.on('unknown.happened', () => {})).toThrow('There is no event')
})
