import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * Layout of a stored file: a header of 40 bytes, then the plaintext in segments of 64 KiB, each written as nonce (12 bytes),
 * ciphertext and tag (16 bytes). Every segment is sealed by itself with AES-256-GCM (NIST SP 800-38D), so that any range can be
 * read without the rest; its place and the file's identity are authenticated with it, so that segments cannot be exchanged,
 * left out or taken from another file.
 */
export const segmentBytes = 64 * 1024
export const headerBytes = 40
const nonceBytes = 12
const tagBytes = 16
export const overheadBytes = nonceBytes + tagBytes

const magic = Buffer.from('VDVAULT1', 'latin1')
const saltBytes = 32

/** A file's key and the identity that every segment of it carries. */
export interface FileSeal {
  readonly key: Uint8Array
  readonly sha256: string
  readonly byteSize: number
}

/** A new header with a random salt. A file that is begun again gets another key: no nonce is ever used twice under one key. */
export const newHeader = (): Buffer => Buffer.concat([magic, randomBytes(saltBytes)])

/** The salt of a header, or null where this is none. */
export const saltOfHeader = (header: Uint8Array): Uint8Array | null =>
  header.length === headerBytes && magic.equals(header.subarray(0, magic.length)) ? header.subarray(magic.length) : null

/** The seal of a file: HKDF-SHA-256 (RFC 5869) of the vault's key with the file's salt, bound to its content address. */
export const sealOf = (vaultKey: Uint8Array, salt: Uint8Array, sha256: string, byteSize: number): FileSeal => ({
  key: new Uint8Array(hkdfSync('sha256', vaultKey, salt, `veridesk vault file ${sha256}`, 32)),
  sha256,
  byteSize,
})

const placeOf = (seal: FileSeal, index: number): Buffer => Buffer.from(`${seal.sha256}:${seal.byteSize}:${index}`)

/** Number of segments of a file; an empty file has none. */
export const segmentCount = (byteSize: number): number => Math.ceil(byteSize / segmentBytes)

/** Plaintext bytes of a segment. */
export const segmentLength = (byteSize: number, index: number): number =>
  Math.min(segmentBytes, byteSize - index * segmentBytes)

/** Where a segment begins on disk. */
export const segmentOffset = (index: number): number => headerBytes + index * (segmentBytes + overheadBytes)

/** Size on disk of a whole file. */
export const sealedSize = (byteSize: number): number => headerBytes + byteSize + segmentCount(byteSize) * overheadBytes

/** Plaintext size of a file by its size on disk, or null where no file has that size. */
export function plainSize(sealed: number): number | null {
  const body = sealed - headerBytes
  const whole = Math.floor(body / (segmentBytes + overheadBytes))
  const rest = body - whole * (segmentBytes + overheadBytes)
  if (body < 0 || (rest > 0 && rest <= overheadBytes)) return null
  return whole * segmentBytes + (rest > 0 ? rest - overheadBytes : 0)
}

/** Seals one segment. */
export function sealSegment(seal: FileSeal, index: number, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', seal.key, nonce)
  cipher.setAAD(placeOf(seal, index))
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** Opens one segment; null when a single bit of it, its place or its file is not what was sealed. */
export function openSegment(seal: FileSeal, index: number, sealed: Uint8Array): Buffer | null {
  if (sealed.length !== segmentLength(seal.byteSize, index) + overheadBytes) return null
  const decipher = createDecipheriv('aes-256-gcm', seal.key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(placeOf(seal, index))
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)), decipher.final()])
  } catch {
    return null
  }
}
