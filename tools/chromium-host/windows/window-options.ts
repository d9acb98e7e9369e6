import { readFileSync } from 'node:fs'
import type * as Electron from 'electron'
import { NotImplementedError } from '../unsupported.ts'

/** Options that are carried out, or that ask for what this host does anyway. */
const known = new Set([
  'autoHideMenuBar', // no menu bar is ever shown
  'backgroundColor',
  'height',
  'icon', // Chromium shows its own
  'minHeight', // the window can be made smaller here than in Electron
  'minWidth',
  'paintWhenInitiallyHidden',
  'show', // a window that is to be shown later stands empty in its background color until then
  'title',
  'useContentSize',
  'webPreferences',
  'width',
  'x',
  'y',
])

/** The one value this host has for a preference. */
const fixedPreferences: Readonly<Record<string, unknown>> = {
  allowRunningInsecureContent: false,
  contextIsolation: true,
  experimentalFeatures: false,
  navigateOnDragDrop: false,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  plugins: false,
  sandbox: true,
  webSecurity: true,
  webviewTag: false,
}
const freePreferences = new Set(['backgroundThrottling', 'devTools', 'preload', 'safeDialogs', 'spellcheck'])

/**
 * Checks that a window asks for nothing this host cannot give.
 * @throws NotImplementedError naming the option.
 */
export function checkWindowOptions(options: Electron.BrowserWindowConstructorOptions): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !known.has(name)) throw new NotImplementedError(`the window option ${name}`)
  for (const [name, value] of Object.entries(options.webPreferences ?? {})) {
    if (value === undefined || freePreferences.has(name)) continue
    if (!(name in fixedPreferences) || fixedPreferences[name] !== value)
      throw new NotImplementedError(`the window preference ${name}: ${String(value)}`)
  }
}

/** Source of a window's preload; null when it has none. */
export const preloadOf = (options: Electron.BrowserWindowConstructorOptions): string | null => {
  const path = options.webPreferences?.preload
  return path === undefined ? null : readFileSync(path, 'utf8')
}
