import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'
import { refuseMissingMembers } from './unsupported.ts'

type Handler = (event: Electron.IpcMainInvokeEvent, ...given: unknown[]) => unknown

const handlers = new Map<string, Handler>()

class IpcMain extends EventEmitter implements Pick<Electron.IpcMain, 'handle' | 'handleOnce' | 'removeHandler'> {
  handle(channel: string, handler: Handler): void {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, handler)
  }

  handleOnce(channel: string, handler: Handler): void {
    this.handle(channel, (event, ...given) => {
      this.removeHandler(channel)
      return handler(event, ...given)
    })
  }

  removeHandler(channel: string): void {
    handlers.delete(channel)
  }
}
refuseMissingMembers('ipcMain', IpcMain)

/** Stands for Electron's `ipcMain`. */
export const ipcMain = new IpcMain()

/**
 * Runs the handler of a page's `invoke`.
 * @throws Error worded as Electron words it, which is what the page's promise rejects with.
 */
export async function callHandler(channel: string, event: object, given: readonly unknown[]): Promise<unknown> {
  const handler = handlers.get(channel)
  const problem = (reason: unknown) => new Error(`Error invoking remote method '${channel}': ${reason}`)
  if (!handler) throw problem(new Error(`No handler registered for '${channel}'`))
  try {
    return await handler(event as Electron.IpcMainInvokeEvent, ...given)
  } catch (error) {
    console.error(`Error occurred in handler for '${channel}':`, error)
    throw problem(error)
  }
}
