import { readFileSync, writeFileSync } from 'node:fs'
import type * as Electron from 'electron'
import { isHeaded } from './browser.ts'
import { refuseMissing } from './unsupported.ts'
import { BrowserWindow } from './windows/browser-window.ts'

type Method = 'showOpenDialog' | 'showSaveDialog' | 'showMessageBox'

interface QueuedAnswer {
  readonly method: Method
  readonly answer: unknown
}

/** Takes the next prepared answer for a dialog from the file named by `VERIDESK_DIALOG_ANSWERS` (a JSON list). */
function takeAnswer(method: Method): unknown {
  const path = process.env.VERIDESK_DIALOG_ANSWERS
  if (!path) return undefined
  const answers: QueuedAnswer[] = JSON.parse(readFileSync(path, 'utf8'))
  const position = answers.findIndex((entry) => entry.method === method)
  const [taken] = position < 0 ? [] : answers.splice(position, 1)
  if (taken) writeFileSync(path, JSON.stringify(answers))
  return taken?.answer
}

const optionsOf = <Options extends object>(given: readonly unknown[]): Partial<Options> =>
  (given.at(-1) ?? {}) as Options

/** Asks the person with one of Chromium's own boxes, which only a window on a screen has. */
async function ask(method: Method, call: 'prompt' | 'confirm' | 'alert', text: string, preset = ''): Promise<unknown> {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows().at(-1)
  if (!isHeaded || !window)
    throw new Error(
      `Chromium host: nobody can answer dialog.${method} without a screen: replace the function, or name a file of answers in VERIDESK_DIALOG_ANSWERS`,
    )
  return window.webContents.page.evaluate(`${call}(${JSON.stringify(text)}, ${JSON.stringify(preset)})`)
}

async function askPath(
  method: Method,
  options: Partial<Electron.SaveDialogOptions>,
  fallback: string,
): Promise<string> {
  const text = [options.title ?? options.message ?? fallback, 'Full path of the file:'].join('\n')
  const path = await ask(method, 'prompt', text, options.defaultPath)
  return typeof path === 'string' ? path : ''
}

async function askButton(options: Partial<Electron.MessageBoxOptions>): Promise<number> {
  const { message = '', detail = '', buttons = ['OK'], defaultId = 0, cancelId } = options
  const refusal =
    cancelId ??
    Math.max(
      0,
      buttons.findIndex((label) => /^(cancel|no)$/i.test(label)),
    )
  const text = [message, detail].filter(Boolean).join('\n\n')
  if (buttons.length === 1) {
    await ask('showMessageBox', 'alert', text)
    return 0
  }
  const choices = buttons.map((label, index) => `${index + 1}  ${label}`).join('\n')
  const chosen = await ask('showMessageBox', 'prompt', `${text}\n\n${choices}`, String(defaultId + 1))
  const number = Number(chosen)
  return Number.isInteger(number) && number >= 1 && number <= buttons.length ? number - 1 : refusal
}

/** Stands for Electron's `dialog`. Its functions may be replaced, as Playwright's users do. */
export const dialog = refuseMissing('dialog', {
  async showOpenDialog(...given: unknown[]): Promise<Electron.OpenDialogReturnValue> {
    const prepared = takeAnswer('showOpenDialog')
    if (prepared) return prepared as Electron.OpenDialogReturnValue
    const path = await askPath('showOpenDialog', optionsOf<Electron.SaveDialogOptions>(given), 'Open a file')
    return { canceled: path === '', filePaths: path === '' ? [] : [path] }
  },
  async showSaveDialog(...given: unknown[]): Promise<Electron.SaveDialogReturnValue> {
    const prepared = takeAnswer('showSaveDialog')
    if (prepared) return prepared as Electron.SaveDialogReturnValue
    const path = await askPath('showSaveDialog', optionsOf<Electron.SaveDialogOptions>(given), 'Save as')
    return { canceled: path === '', filePath: path }
  },
  async showMessageBox(...given: unknown[]): Promise<Electron.MessageBoxReturnValue> {
    const prepared = takeAnswer('showMessageBox')
    if (prepared) return prepared as Electron.MessageBoxReturnValue
    return { response: await askButton(optionsOf<Electron.MessageBoxOptions>(given)), checkboxChecked: false }
  },
  /** On a console, as Electron does before it is ready on Linux. */
  showErrorBox(title: string, content: string): void {
    console.error(`${title}\n${content}`)
  },
}) satisfies Pick<Electron.Dialog, 'showErrorBox'>
