import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { electronExecutable } from '../tasks/electron-executable.ts'

/** A program that the host runs, with the way to its pages. */
export interface StartedProgram {
  readonly child: ChildProcess
  /** Milliseconds since 1970 when the process was started. */
  readonly startedAt: number
  /** Address of the browser for the DevTools protocol. */
  readonly devtools: string
  readonly stop: () => Promise<void>
}

/**
 * Starts a program as a person would, without Playwright: that holds a program back until it has connected.
 * @param program folder or file of the program.
 */
export async function startProgram(
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<StartedProgram> {
  const startedAt = Date.now()
  const child = spawn(electronExecutable(), ['--remote-debugging-port=0', program], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const ended = once(child, 'exit')
  const devtools = await new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      const address = /^DevTools listening on (ws:\S+)/.exec(line)?.[1]
      if (address !== undefined) resolve(address)
    })
    void ended.then(([code]) => reject(new Error(`${program} ended with ${code} before it could be reached`)))
  })
  return {
    child,
    startedAt,
    devtools,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

const bareMain = `import { join } from 'node:path'
import { app, BrowserWindow, ipcMain } from 'electron'
ipcMain.handle('echo', (event, value) => value)
app.on('window-all-closed', () => app.quit())
void app.whenReady().then(() => {
  const window = new BrowserWindow({ webPreferences: { preload: join(import.meta.dirname, 'preload.cjs') } })
  void window.loadFile(join(import.meta.dirname, 'index.html'))
})
`
const barePreload = `const { contextBridge, ipcRenderer } = require('electron')
contextBridge.exposeInMainWorld('bare', { echo: (value) => ipcRenderer.invoke('echo', value) })
`

/** A program of one window with one line in it and an echo: what the host itself costs. */
export function makeBareProgram(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-bare-'))
  const files = {
    'package.json': JSON.stringify({ name: 'bare', version: '1.0.0', type: 'module', main: 'main.mjs' }),
    'main.mjs': bareMain,
    'preload.cjs': barePreload,
    'index.html': '<!doctype html><title>Bare</title><div id="root"><p role="row" aria-rowindex="2">A row</p></div>',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
