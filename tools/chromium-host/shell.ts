import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import type * as Electron from 'electron'
import { refuseMissing } from './unsupported.ts'

/** Hands an address or a path to the desktop. */
const openWithDesktop = (target: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const command = process.platform === 'darwin' ? 'open' : 'xdg-open'
    const child = spawn(command, [target], { detached: true, stdio: 'ignore' })
    child.once('error', (error) =>
      reject(new Error(`Chromium host: ${command} could not open ${target}: ${error.message}`)),
    )
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })

/** Stands for Electron's `shell`. Its functions may be replaced, as Playwright's users do. */
export const shell = refuseMissing('shell', {
  async openExternal(url: string): Promise<void> {
    await openWithDesktop(new URL(url).href)
  },
  async openPath(path: string): Promise<string> {
    try {
      await openWithDesktop(path)
      return ''
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  },
  showItemInFolder(path: string): void {
    openWithDesktop(dirname(path)).catch((error: Error) => console.error(error.message))
  },
}) satisfies Pick<Electron.Shell, 'openExternal' | 'openPath' | 'showItemInFolder'>
