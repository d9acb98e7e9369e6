import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import { channelNames, eventNames } from '../shared/contract/channel-names.ts'

/** Put in at build time from the contract, so that the contract's schemas stay out of this file. */
declare const CONTRACT_VERSION: number

const channels: ReadonlySet<string> = new Set(channelNames)
const events: ReadonlySet<string> = new Set(eventNames)

/** All that the page can reach: calls and events of the contract, by name. */
const bridge = Object.freeze({
  /** Calls the program. The promise gives a `Result`, and rejects only for a name that is not in the contract. */
  invoke: async (channel: string, input: unknown): Promise<unknown> => {
    if (!channels.has(channel)) throw new Error(`There is no channel ${channel}`)
    return ipcRenderer.invoke(`veridesk:${channel}`, CONTRACT_VERSION, input)
  },
  /** Listens to an event; the function it gives stops listening. */
  on: (event: string, listener: (payload: unknown) => void): (() => void) => {
    if (!events.has(event)) throw new Error(`There is no event ${event}`)
    // Electron's own event object would hand the page the way to every channel: only the payload goes on.
    const receive = (_event: IpcRendererEvent, payload: unknown) => listener(payload)
    ipcRenderer.on(`veridesk-event:${event}`, receive)
    return () => {
      ipcRenderer.removeListener(`veridesk-event:${event}`, receive)
    }
  },
  versions: Object.freeze({
    contract: CONTRACT_VERSION,
    electron: process.versions.electron ?? null,
    chrome: process.versions.chrome ?? null,
  }),
})

/** Type of `window.veridesk`, for the window's own bridge to narrow. */
export type PreloadBridge = typeof bridge

contextBridge.exposeInMainWorld('veridesk', bridge)
