import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from '../platform/durable-folder.ts'

const ivBytes = 12
const tagBytes = 16

/** A key for files beside the database: derived (HKDF, RFC 5869), so that one key never serves two ciphers. */
const sealingKey = (keyHex: string): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(keyHex, 'hex'), '', 'veridesk sealed file', 32))

/** Writes a text encrypted (AES-256-GCM: 12 bytes of nonce, 16 of tag, then the text), whole or not at all. */
export function writeSealedFile(path: string, keyHex: string, text: string): void {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(keyHex), iv)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const file = openSync(`${path}.part`, 'w')
  try {
    writeSync(file, Buffer.concat([iv, cipher.getAuthTag(), sealed]))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.part`, path)
  syncFolder(dirname(path))
}

/** Reads such a file. Throws when the key is another one or a byte was changed. */
export function readSealedFile(path: string, keyHex: string): string {
  const bytes = readFileSync(path)
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(keyHex), bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
}
