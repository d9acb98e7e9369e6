import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'

/** The stand-in executable. */
export const hostExecutable = resolve(import.meta.dirname, '../electron')

/** The small program that the tests run on it. */
export const program = join(import.meta.dirname, 'program')

/** A running program with its window. */
export interface Started {
  readonly app: ElectronApplication
  readonly page: Page
  readonly userData: string
  /** Closes it and removes its data. */
  stop(): Promise<void>
}

/** This process's environment, headless, with data in a folder. */
export const environmentFor = (userData: string): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : []))),
  VERIDESK_HEADLESS: '1',
  VERIDESK_USER_DATA: userData,
})

/** Makes a folder for one program's data. */
export const makeUserData = (): string => mkdtempSync(join(tmpdir(), 'host-program-'))

/** Starts the program and waits until its page has run. */
export async function startProgram(userData: string = makeUserData()): Promise<Started> {
  const app = await _electron.launch({
    executablePath: hostExecutable,
    args: [program],
    env: environmentFor(userData),
    colorScheme: null,
  })
  const page = await app.firstWindow()
  await page.getByText('ready').waitFor()
  return {
    app,
    page,
    userData,
    stop: async () => {
      await app.close()
      rmSync(userData, { recursive: true, force: true })
    },
  }
}

/** What the program noted so far. */
export const happeningsOf = (app: ElectronApplication): Promise<Record<string, unknown>[]> =>
  app.evaluate(() => (globalThis as unknown as { happenings: Record<string, unknown>[] }).happenings)
