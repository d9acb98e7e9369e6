/** Runs an Electron program on Node and the system's Chromium: `main.ts [switches] <folder or file> [arguments]`. */
import { open as openInspector } from 'node:inspector'
import { createRequire, enableCompileCache, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { launchOptions, switchValue } from './launch-options.ts'

const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(`Chromium host: needs Node 24 or newer; this is ${process.versions.node}`)
  process.exit(1)
}
enableCompileCache()

const inspectorPort = switchValue(launchOptions.switches, 'inspect')
// Playwright reads the debugger's address from standard error and drives the main process through it.
if (inspectorPort !== undefined) openInspector(Number(inspectorPort || 9229), '127.0.0.1')

const electron = new URL('./electron.ts', import.meta.url).href
const electronNames = new Set(['electron', 'electron/main', 'electron/common'])
registerHooks({
  resolve: (specifier, context, next) =>
    electronNames.has(specifier)
      ? { url: electron, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
})

process.on('uncaughtException', (error) => {
  // Electron would show a box; a program that listens for itself decides for itself.
  if (process.listenerCount('uncaughtException') > 1) return
  console.error('Uncaught exception in the main process:', error)
  process.exit(1)
})
Object.assign(process, { type: 'browser', execArgv: [] })
// Playwright evaluates `require('electron')` in the main process.
Object.assign(globalThis, { require: createRequire(launchOptions.entry) })

await import('./browser.ts')
await import('./electron.ts')
await import(pathToFileURL(launchOptions.entry).href)
