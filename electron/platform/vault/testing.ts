import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Sha256 } from '../../../shared/domain/ids.ts'
import { newDatabaseKey } from '../keychain.ts'

/** A folder and a key for a vault of a test. */
export function vaultPlace(): { readonly directory: string; readonly keyHex: string; readonly remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'veridesk-vault-'))
  return {
    directory,
    keyHex: newDatabaseKey(),
    remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The name of some bytes. */
export const nameOf = (bytes: Uint8Array): Sha256 =>
  createHash('sha256').update(bytes).digest('hex') as string as Sha256

/** Bytes without a pattern, the same for the same seed. */
export function someBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}
