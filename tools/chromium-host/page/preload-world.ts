import type { makeBridge } from './bridge.ts'
import type { makeCodec } from './codec.ts'
import type { HostMessage, PageMessage } from './messages.ts'

type Listener = (event: object, ...given: unknown[]) => void
type PreloadFunction = (
  require: (name: string) => unknown,
  module: { exports: unknown },
  exports: unknown,
  process: object,
  global: typeof globalThis,
) => void

/** Names that the program's calls go through, chosen anew for each start. */
export interface PreloadNames {
  /** Common part of the events between worlds. */
  readonly secret: string
  /** Function by which a page calls the program. */
  readonly binding: string
  /** Function by which the program calls a page. */
  readonly receiver: string
  readonly platform: string
  readonly chromeVersion: string
}

/**
 * Runs in the isolated world before the page's scripts: gives the preload its `electron` and nothing else of Node.
 * Self-contained: it is sent as text.
 */
export function preloadWorld(
  names: PreloadNames,
  bridge: typeof makeBridge,
  codec: typeof makeCodec,
  preload: PreloadFunction | null,
): void {
  // Electron runs no preload in subframes unless asked to.
  if (window.top !== window) return
  const { encode, decode } = codec()
  const world = globalThis as unknown as Record<string, (text: string) => void>
  const call = world[names.binding] as (text: string) => void
  const tell = (message: PageMessage) => call(JSON.stringify(message))
  const pending = new Map<number, { resolve(value: unknown): void; reject(reason: Error): void }>()
  const listeners = new Map<string, Listener[]>()
  let lastId = 0

  const receive = (text: string): void => {
    const message = JSON.parse(text) as HostMessage
    switch (message.kind) {
      case 'fetch':
        void fetch(message.path)
          .then((response) => response.text())
          .then(receive)
        return
      case 'answer':
        pending.get(message.id)?.resolve(decode(message.value))
        pending.delete(message.id)
        return
      case 'failure':
        pending.get(message.id)?.reject(new Error(message.message))
        pending.delete(message.id)
        return
      case 'event': {
        const given = decode(message.given) as unknown[]
        for (const listener of [...(listeners.get(message.channel) ?? [])])
          try {
            listener({ sender: ipcRenderer, ports: [] }, ...given)
          } catch (error) {
            console.error(error)
          }
      }
    }
  }
  world[names.receiver] = receive

  const refusing = <Value extends object>(name: string, value: Value): Value =>
    new Proxy(value, {
      get: (target, key) => {
        if (Reflect.has(target, key)) return Reflect.get(target, key)
        if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return undefined
        throw new Error(`Chromium host: ${name}.${key} is not implemented`)
      },
    })

  const ipcRenderer = refusing('ipcRenderer', {
    invoke: (channel: string, ...given: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        const encoded = encode(given)
        pending.set(id, { resolve, reject })
        tell({ kind: 'invoke', id, channel, given: encoded })
      }),
    send: (channel: string, ...given: unknown[]) => tell({ kind: 'send', channel, given: encode(given) }),
    on: (channel: string, listener: Listener) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      return ipcRenderer
    },
    addListener: (channel: string, listener: Listener) => ipcRenderer.on(channel, listener),
    once: (channel: string, listener: Listener) => {
      const wrapped: Listener = (...given) => {
        ipcRenderer.off(channel, wrapped)
        listener(...given)
      }
      return ipcRenderer.on(channel, wrapped)
    },
    off: (channel: string, listener: Listener) => {
      listeners.set(
        channel,
        (listeners.get(channel) ?? []).filter((entry) => entry !== listener),
      )
      return ipcRenderer
    },
    removeListener: (channel: string, listener: Listener) => ipcRenderer.off(channel, listener),
    removeAllListeners: (channel: string) => {
      listeners.delete(channel)
      return ipcRenderer
    },
  })
  const road = bridge(names.secret, 'preload', 'page')
  const electron = refusing('electron', {
    ipcRenderer,
    contextBridge: refusing('contextBridge', { exposeInMainWorld: road.expose }),
    webUtils: refusing('webUtils', {
      getPathForFile: () => {
        throw new Error(
          'Chromium host: webUtils.getPathForFile is not implemented: read the file by File.arrayBuffer()',
        )
      },
    }),
  })
  const require = (name: string) => {
    if (name === 'electron' || name === 'electron/renderer') return electron
    throw new Error(`module not found: ${name}`)
  }

  window.addEventListener(`${names.secret}open`, (event) => {
    const { url, frameName, features } = (event as CustomEvent).detail
    tell({ kind: 'open', url, frameName, features })
  })
  for (const event of ['focus', 'blur', 'resize'] as const)
    window.addEventListener(event, () => tell({ kind: 'window', event }))

  let title = ''
  const tellTitle = () => {
    if (document.title === title) return
    title = document.title
    tell({ kind: 'title', title })
  }
  document.addEventListener('DOMContentLoaded', () => {
    tellTitle()
    new MutationObserver(tellTitle).observe(document.head, { childList: true, characterData: true, subtree: true })
  })

  const process = {
    type: 'renderer',
    platform: names.platform,
    versions: { chrome: names.chromeVersion },
    env: {},
    argv: [],
    contextIsolated: true,
    sandboxed: true,
  }
  const module = { exports: {} }
  try {
    preload?.(require, module, module.exports, process, globalThis)
  } catch (error) {
    console.error('The preload failed:', error)
    tell({ kind: 'preload-error', message: String(error) })
  }
}
