import { existsSync, readFileSync } from 'node:fs'
import { fail, ok, type Result } from '../../shared/result.ts'
import {
  newDatabaseKey,
  parseWrappedKey,
  unwrapKey,
  type WrappedKey,
  wrapWithKeychain,
  wrapWithPassphrase,
} from '../platform/keychain.ts'
import { type AsyncSecretStore, storeThatOpens, storeThatSeals } from './secret-store.ts'
import { writeFileSafely } from './write-file-safely.ts'

/** The key of a workspace, and how it is protected on this computer. */
export interface WorkspaceKey {
  readonly keyHex: string
  readonly protection: WrappedKey['protection']
}

/** How the key in a file is protected; null when there is no such file or nobody can read it. */
export function protectionOf(keyPath: string): WrappedKey['protection'] | null {
  if (!existsSync(keyPath)) return null
  const wrapped = parseWrappedKey(readFileSync(keyPath, 'utf8'))
  return wrapped.ok ? wrapped.value.protection : null
}

/** Opens the key of a workspace that is here. `locked` without the passphrase, `wrong_passphrase`, `key_lost`. */
export async function openWorkspaceKey(
  keyPath: string,
  store: AsyncSecretStore,
  passphrase: string | null,
): Promise<Result<WorkspaceKey>> {
  const wrapped = parseWrappedKey(readFileSync(keyPath, 'utf8'))
  if (!wrapped.ok) return wrapped
  const { protection } = wrapped.value
  if (protection === 'keychain' && !(await store.available()))
    return fail(
      'locked',
      'The keychain of this computer does not answer.',
      'Unlock the keychain of your desktop and start the program again.',
    )
  const sealed = Buffer.from(wrapped.value.sealed, 'base64')
  const opener = protection === 'keychain' ? await storeThatOpens(store, sealed) : noStore
  const keyHex = unwrapKey(wrapped.value, { store: opener, passphrase })
  return keyHex.ok ? ok({ keyHex: keyHex.value, protection }) : keyHex
}

/** Makes the key of a new workspace: wrapped by the keychain, or by the passphrase where one is given or nothing else is there. */
export async function makeWorkspaceKey(
  keyPath: string,
  store: AsyncSecretStore,
  passphrase: string | null,
): Promise<Result<WorkspaceKey>> {
  const keyHex = newDatabaseKey()
  if (passphrase === null && !(await store.available()))
    return fail(
      'locked',
      'This computer keeps no secrets for programs, so your local data needs a passphrase.',
      'Choose a passphrase of at least 8 characters for this computer.',
    )
  const wrapped =
    passphrase === null
      ? wrapWithKeychain(keyHex, await storeThatSeals(store, keyHex))
      : ok(wrapWithPassphrase(keyHex, passphrase))
  if (!wrapped.ok) return wrapped
  writeFileSafely(keyPath, `${JSON.stringify(wrapped.value)}\n`)
  return ok({ keyHex, protection: wrapped.value.protection })
}

const noStore = {
  available: () => false,
  encrypt: () => new Uint8Array(0),
  decrypt: () => '',
}
