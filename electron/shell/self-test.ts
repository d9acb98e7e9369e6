import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { App, BrowserWindow } from 'electron'
import { checkDatabase, checkFuses, checkHostileChild, checkKeychain, type Keychain } from './self-test-parts.ts'
import { runChecks, type SelfTestReport } from './self-test-report.ts'
import { checkCalls, checkIsolation, checkProtocol } from './self-test-window.ts'

/** The running program, as far as it is looked at. */
export interface SelfTestSubject {
  readonly app: Pick<App, 'getName' | 'getVersion' | 'isPackaged'>
  /** The program's window when its page has been loaded; rejects when it cannot be. */
  readonly window: Promise<BrowserWindow>
  readonly keychain: Keychain
  readonly hostileChildPath: string
  /** An empty folder that is removed afterwards. */
  readonly folder: string
  readonly contractVersion: number
}

/** Looks at every part that only shows on a machine: what is built in, what the system gives, and that the parts reach each other. */
export async function selfTest(subject: SelfTestSubject): Promise<SelfTestReport> {
  const { app, keychain, hostileChildPath, folder, contractVersion } = subject
  const databaseFolder = join(folder, 'self-test-database')
  mkdirSync(databaseFolder, { recursive: true })
  const { electron, chrome, node, v8 } = process.versions
  // Looked at by the last checks only; until then a failure must not end the program.
  subject.window.catch(() => {})
  const contents = async () => (await subject.window).webContents
  const checks = await runChecks([
    { name: 'database', run: () => checkDatabase(databaseFolder) },
    { name: 'hostile child', run: () => checkHostileChild(hostileChildPath) },
    { name: 'keychain', run: () => checkKeychain(keychain, process.platform) },
    { name: 'fuses', run: () => checkFuses(electron !== undefined, app.isPackaged) },
    { name: 'protocol', run: async () => checkProtocol(await contents()) },
    { name: 'isolation', run: async () => checkIsolation(await contents()) },
    { name: 'calls', run: async () => checkCalls(await contents(), app.getVersion()) },
  ])
  return {
    ok: checks.every(({ outcome }) => outcome !== 'failed'),
    program: {
      name: app.getName(),
      version: app.getVersion(),
      contract: contractVersion,
      packaged: app.isPackaged,
      host: electron === undefined ? 'Chromium host' : 'Electron',
      platform: process.platform,
      architecture: process.arch,
    },
    versions: {
      node,
      v8,
      ...(electron === undefined ? {} : { electron }),
      ...(chrome === undefined ? {} : { chrome }),
    },
    checks,
  }
}
