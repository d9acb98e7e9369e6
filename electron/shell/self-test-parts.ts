import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import type { WorkspaceDatabase } from '../database/database.ts'
import { openWorkspaceDatabase } from '../database/open.ts'
import { systemClock } from '../platform/clock.ts'
import { createHostileReader } from '../platform/hostile/hostile-reader.ts'
import { newDatabaseKey } from '../platform/keychain.ts'
import { silentLog } from '../platform/log.ts'
import { fuseFileOf, packagedFuses, readFuses } from './fuse-wire.ts'
import { type CheckFacts, ensure, NotApplicable } from './self-test-report.ts'

const marker = 'readable only with the key'

function opened(folder: string, keyHex: string): WorkspaceDatabase {
  const result = openWorkspaceDatabase({
    path: join(folder, 'workspace.db'),
    keyHex,
    clock: systemClock,
    backupDirectory: join(folder, 'backups'),
    log: silentLog,
  })
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

/** A new encrypted database takes a row, gives it back after it was opened again, and gives nothing to another key. */
export async function checkDatabase(folder: string): Promise<CheckFacts> {
  const keyHex = newDatabaseKey()
  const first = opened(folder, keyHex)
  first.write((handle) =>
    handle.run(first.build.insertInto('workspace_fact').values({ key: 'selfTest', value: JSON.stringify(marker) })),
  )
  first.close()

  const again = opened(folder, keyHex)
  const row = again.read.first(again.build.selectFrom('workspace_fact').select('value').where('key', '=', 'selfTest'))
  again.close()
  ensure(row?.value === JSON.stringify(marker), 'What was written did not come back')

  const bytes = readFileSync(join(folder, 'workspace.db'))
  ensure(!bytes.includes('SQLite format 3') && !bytes.includes(marker), 'The database file can be read without the key')
  const other = openWorkspaceDatabase({
    path: join(folder, 'workspace.db'),
    keyHex: newDatabaseKey(),
    clock: systemClock,
    backupDirectory: join(folder, 'backups'),
    log: silentLog,
  })
  if (other.ok) other.value.close()
  ensure(!other.ok && other.error.code === 'key_lost', 'The database opened with another key')
  return { encrypted: true, bytes: bytes.byteLength, anotherKey: 'refused' }
}

/** The child process that reads files nobody vouches for starts, answers and ends. */
export async function checkHostileChild(childPath: string): Promise<CheckFacts> {
  const answer = await createHostileReader({ childPath })(
    { kind: 'csv' },
    new TextEncoder().encode('ticket,net\n1,2\n'),
  )
  if (!answer.ok) throw new Error(`${answer.error.message} (${String(answer.error.detail?.reason)})`)
  ensure(answer.value.kind === 'table' && answer.value.sheets[0]?.totalRows === 2, 'The child misread a table')
  return { answered: true }
}

/** What of Electron's keychain is needed. */
export type Keychain = Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> &
  Partial<Pick<SafeStorage, 'getSelectedStorageBackend'>>

/** The system's keychain gives a secret back. Without one, the program asks for a passphrase instead. */
export async function checkKeychain(keychain: Keychain, platform: NodeJS.Platform): Promise<CheckFacts> {
  const backend = platform === 'linux' ? (keychain.getSelectedStorageBackend?.() ?? 'unknown') : platform
  if (!keychain.isEncryptionAvailable()) return { available: false, backend }
  const sealed = keychain.encryptString(marker)
  ensure(!sealed.includes(marker), 'The keychain does not seal')
  ensure(keychain.decryptString(sealed) === marker, 'The keychain gave back something else')
  return { available: true, backend }
}

/** The switches in Electron's binary are as packaged. */
export async function checkFuses(isElectron: boolean, isPackaged: boolean): Promise<CheckFacts | NotApplicable> {
  if (!isElectron) return new NotApplicable('The host is not Electron')
  const states = await readFuses(fuseFileOf(process.execPath, process.platform))
  if (states === null) throw new Error('The binary has no fuses that are understood')
  // Electron as it is downloaded has its own states; packaging sets ours.
  const different = Object.entries(packagedFuses).filter(
    ([name, state]) => Object.entries(states).find(([other]) => other === name)?.[1] !== state,
  )
  ensure(!isPackaged || different.length === 0, `Not as packaged: ${different.map(([name]) => name).join(', ')}`)
  return { ...states, asPackaged: different.length === 0 }
}
