import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as Electron from 'electron'
import { app } from './app.ts'
import { refuseMissing } from './unsupported.ts'

/** Tells this host's values from Electron's, which begin with `v10` or `v11`. */
const mark = Buffer.from('h10')
const nonceLength = 12
const tagLength = 16

/** The key of this data folder, in a file that its owner alone may read: no keychain guards it, as `basic_text` says. */
function developmentKey(): Buffer {
  const folder = app.getPath('userData')
  const path = join(folder, 'host-development.key')
  try {
    return readFileSync(path)
  } catch {
    mkdirSync(folder, { recursive: true })
    const draft = `${path}.${randomBytes(6).toString('hex')}`
    writeFileSync(draft, randomBytes(32), { mode: 0o600 })
    try {
      linkSync(draft, path)
    } catch {
      // Another process made the key in the meantime: its key counts.
    } finally {
      rmSync(draft, { force: true })
    }
    return readFileSync(path)
  }
}

function encryptString(plainText: string): Buffer {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', developmentKey(), nonce)
  const sealed = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final()])
  return Buffer.concat([mark, nonce, cipher.getAuthTag(), sealed])
}

function decryptString(encrypted: Buffer): string {
  const content = mark.length + nonceLength + tagLength
  if (encrypted.length < content || !encrypted.subarray(0, mark.length).equals(mark))
    throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.')
  const nonce = encrypted.subarray(mark.length, mark.length + nonceLength)
  const decipher = createDecipheriv('aes-256-gcm', developmentKey(), nonce)
  decipher.setAuthTag(encrypted.subarray(mark.length + nonceLength, content))
  return Buffer.concat([decipher.update(encrypted.subarray(content)), decipher.final()]).toString('utf8')
}

/** Stands for Electron's `safeStorage`. */
export const safeStorage = refuseMissing('safeStorage', {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => 'basic_text' as const,
  /** Nothing but the plain backend exists here, so allowing it changes nothing. */
  setUsePlainTextEncryption: () => {},
  encryptString,
  decryptString,
  isAsyncEncryptionAvailable: async () => true,
  encryptStringAsync: async (plainText: string) => encryptString(plainText),
  decryptStringAsync: async (encrypted: Buffer) => ({ result: decryptString(encrypted), shouldReEncrypt: false }),
}) satisfies Electron.SafeStorage
