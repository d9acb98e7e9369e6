import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { happeningsOf, type Started, startProgram } from './testing/launch.ts'

let started: Started
beforeAll(async () => {
  started = await startProgram()
})
afterAll(() => started.stop())

test("the program's own facts come from its package", async () => {
  const facts = await started.app.evaluate(({ app }) => [
    app.getName(),
    app.getVersion(),
    app.isPackaged,
    app.isReady(),
  ])
  expect(facts).toEqual(['host-program', '3.2.1', false, true])
})

test('a window that waits for its page is shown when the page has painted', async () => {
  expect(await happeningsOf(started.app)).toContainEqual({ event: 'shown' })
  expect(await started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(true)
})

test('the theme of the program is the theme of the page', async () => {
  const isDark = () => started.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
  expect(await isDark()).toBe(false)
  await started.app.evaluate(({ nativeTheme }) => {
    nativeTheme.themeSource = 'dark'
  })
  await expect.poll(isDark).toBe(true)
  await started.app.evaluate(({ nativeTheme }) => {
    nativeTheme.themeSource = 'system'
  })
  await expect.poll(isDark).toBe(false)
  const themes = (await happeningsOf(started.app)).filter(({ event }) => event === 'theme')
  expect(themes.map(({ dark }) => dark)).toEqual([true, false])
})

test('size, title and zoom can be changed and read back', async () => {
  await started.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    window?.setSize(1111, 777)
    window?.setTitle('Another title')
    window?.webContents.setZoomFactor(1.5)
  })
  const read = () =>
    started.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      const { width, height } = window?.getBounds() ?? {}
      return [width, height, window?.getTitle(), window?.webContents.getTitle(), window?.webContents.getZoomFactor()]
    })
  await expect.poll(read).toEqual([1111, 777, 'Another title', 'Another title', 1.5])
  await expect.poll(() => started.page.evaluate(() => document.documentElement.style.zoom)).toBe('1.5')
})

test('a window is minimized, maximized and brought back', async () => {
  const state = () =>
    started.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return [window?.isMinimized(), window?.isMaximized(), window?.isVisible()]
    })
  const act = (name: 'minimize' | 'maximize' | 'restore') =>
    started.app.evaluate(({ BrowserWindow }, method) => BrowserWindow.getAllWindows()[0]?.[method](), name)
  await act('minimize')
  await expect.poll(state).toEqual([true, false, false])
  await act('maximize')
  await expect.poll(state).toEqual([false, true, true])
  await act('restore')
  await expect.poll(state).toEqual([false, false, true])
})

test('the page can be had as an image and as a PDF', async () => {
  const [image, pdf] = await started.app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    const image = await contents?.capturePage()
    const pdf = await contents?.printToPDF({ pageSize: 'A4', printBackground: true })
    return [image?.toPNG().subarray(1, 4).toString(), pdf?.subarray(0, 5).toString()]
  })
  expect([image, pdf]).toEqual(['PNG', '%PDF-'])
})

test("dialogs give what a test puts in their function's place", async () => {
  const answer = await started.app.evaluate(async ({ dialog }) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath: '/chosen.pdf' })
    return dialog.showSaveDialog({ title: 'Save' })
  })
  expect(answer).toEqual({ canceled: false, filePath: '/chosen.pdf' })
})

test('dialogs take prepared answers in turn, and say so when nobody can answer', async () => {
  const path = join(started.userData, 'answers.json')
  const prepared = { method: 'showMessageBox', answer: { response: 1, checkboxChecked: false } }
  writeFileSync(path, JSON.stringify([prepared]))
  const [answer, problem] = await started.app.evaluate(async ({ dialog }, answers) => {
    process.env.VERIDESK_DIALOG_ANSWERS = answers
    const answer = await dialog.showMessageBox({ message: 'Sure?', buttons: ['Yes', 'No'] })
    const problem = await dialog.showOpenDialog({}).then(String, (error: Error) => error.message)
    return [answer.response, problem]
  }, path)
  expect(answer).toBe(1)
  expect(problem).toContain('VERIDESK_DIALOG_ANSWERS')
  expect(readFileSync(path, 'utf8')).toBe('[]')
  rmSync(path)
})

test('secrets are sealed with a key that only its owner can read', async () => {
  const [backend, sealedIsPlain, opened] = await started.app.evaluate(({ safeStorage }) => {
    const sealed = safeStorage.encryptString('a secret')
    return [safeStorage.getSelectedStorageBackend(), sealed.includes('secret'), safeStorage.decryptString(sealed)]
  })
  expect([backend, sealedIsPlain, opened]).toEqual(['basic_text', false, 'a secret'])
  expect(statSync(join(started.userData, 'host-development.key')).mode & 0o777).toBe(0o600)
})

test("a menu's items can be found and clicked", async () => {
  const clicked = await started.app.evaluate(({ Menu }) => {
    let clicked = 0
    const click = () => {
      clicked += 1
    }
    Menu.setApplicationMenu(
      Menu.buildFromTemplate([{ label: 'File', submenu: [{ id: 'sync', label: 'Sync', click }] }]),
    )
    Menu.getApplicationMenu()?.getMenuItemById('sync')?.click()
    return clicked
  })
  expect(clicked).toBe(1)
})

test('a page that crashes is told to the program, and the window can load again', async () => {
  await started.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()
  })
  await expect.poll(() => happeningsOf(started.app)).toContainEqual({ event: 'gone', reason: 'crashed' })
  const answer = await started.app.evaluate(async ({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    await window?.loadURL('app://bundle/index.html')
    return window?.webContents.executeJavaScript(`window.bridge.invoke('echo', 'alive')`)
  })
  expect(answer).toBe('alive')
})
