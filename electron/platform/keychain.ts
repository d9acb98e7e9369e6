import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import { z } from 'zod'
import { fail, ok, type Result } from '../../shared/result.ts'

/** Where the operating system keeps secrets (Electron's `safeStorage`). */
export interface SecretStore {
  /** False where there is no keychain, or only one that protects nothing. */
  readonly available: () => boolean
  readonly encrypt: (text: string) => Uint8Array
  /** Throws when the bytes were not made by this person on this computer. */
  readonly decrypt: (bytes: Uint8Array) => string
}

/**
 * Cost of the passphrase: 128 MB and some 300 ms for each guess (RFC 7914; OWASP names N = 2^17, r = 8, p = 1). Kept in the file,
 * so that a later version can raise it.
 */
const scryptCost = { N: 2 ** 17, r: 8, p: 1 } as const

const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/)

/** A database key as it lies on disk (`key.json`): useless without the keychain or the passphrase. */
export const wrappedKeySchema = z.discriminatedUnion('protection', [
  z.object({ version: z.literal(1), protection: z.literal('keychain'), sealed: base64 }),
  z.object({
    version: z.literal(1),
    protection: z.literal('passphrase'),
    // Upper bounds: a file from elsewhere must not be able to ask for all the memory there is.
    N: z
      .int()
      .min(2 ** 14)
      .max(2 ** 20),
    r: z.int().min(8).max(16),
    p: z.int().min(1).max(4),
    salt: base64,
    iv: base64,
    tag: base64,
    sealed: base64,
  }),
])
export type WrappedKey = z.infer<typeof wrappedKeySchema>

const keyPattern = /^[0-9a-f]{64}$/

/** A new random 256-bit key in 64 hexadecimal digits. */
export const newDatabaseKey = (): string => randomBytes(32).toString('hex')

/** Wraps a database key with the operating system's keychain. */
export function wrapWithKeychain(keyHex: string, store: SecretStore): Result<WrappedKey> {
  if (!store.available()) {
    return fail('key_lost', 'This computer keeps no secrets for programs.', 'Choose a passphrase for this computer.')
  }
  return ok({ version: 1, protection: 'keychain', sealed: Buffer.from(store.encrypt(keyHex)).toString('base64') })
}

/** Wraps a database key with a passphrase: scrypt, then AES-256-GCM. */
export function wrapWithPassphrase(keyHex: string, passphrase: string): WrappedKey {
  const salt = randomBytes(16)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', stretch(passphrase, salt, scryptCost), iv)
  const sealed = Buffer.concat([cipher.update(Buffer.from(keyHex, 'hex')), cipher.final()])
  return {
    version: 1,
    protection: 'passphrase',
    ...scryptCost,
    salt: salt.toString('base64'),
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    sealed: sealed.toString('base64'),
  }
}

/** How a wrapped key may be opened: the keychain always, the passphrase where the key asks for one. */
export interface KeyOpeners {
  readonly store: SecretStore
  readonly passphrase: string | null
}

/**
 * Opens a wrapped key. Fails with `locked` when a passphrase is needed, `wrong_passphrase`, or `key_lost` when the keychain does
 * not know it any more.
 */
export function unwrapKey(wrapped: WrappedKey, openers: KeyOpeners): Result<string> {
  switch (wrapped.protection) {
    case 'keychain':
      return unwrapFromKeychain(wrapped.sealed, openers.store)
    case 'passphrase':
      return openers.passphrase === null
        ? fail('locked', 'The local data is locked.', 'Enter the passphrase of this computer.')
        : unwrapFromPassphrase(wrapped, openers.passphrase)
  }
}

/** Reads `key.json`. Anything that is not a wrapped key is `key_lost`. */
export function parseWrappedKey(text: string): Result<WrappedKey> {
  try {
    const parsed = wrappedKeySchema.safeParse(JSON.parse(text))
    if (parsed.success) return ok(parsed.data)
  } catch {
    // Not JSON: the same answer as JSON of another shape.
  }
  return keyLost('The file that holds the key of the local data is damaged.')
}

const keyLost = (message: string): Result<never> =>
  fail(
    'key_lost',
    message,
    'Restore the file from a backup of this computer, or sign in anew and mirror again. What was not sent cannot be read without it.',
  )

function unwrapFromKeychain(sealed: string, store: SecretStore): Result<string> {
  const lost = keyLost('The keychain of this computer does not hold the key of the local data any more.')
  if (!store.available()) return lost
  try {
    const keyHex = store.decrypt(Buffer.from(sealed, 'base64'))
    return keyPattern.test(keyHex) ? ok(keyHex) : lost
  } catch {
    return lost
  }
}

function unwrapFromPassphrase(
  wrapped: Extract<WrappedKey, { protection: 'passphrase' }>,
  passphrase: string,
): Result<string> {
  try {
    const key = stretch(passphrase, Buffer.from(wrapped.salt, 'base64'), wrapped)
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(wrapped.iv, 'base64'), { authTagLength: 16 })
    decipher.setAuthTag(Buffer.from(wrapped.tag, 'base64'))
    const opened = Buffer.concat([decipher.update(Buffer.from(wrapped.sealed, 'base64')), decipher.final()])
    if (opened.length === 32) return ok(opened.toString('hex'))
  } catch {
    // A wrong passphrase and an altered file look alike to AES-GCM.
  }
  return fail('wrong_passphrase', 'That is not the passphrase of this computer.', 'Try again; capital letters count.')
}

function stretch(passphrase: string, salt: Uint8Array, cost: { N: number; r: number; p: number }): Buffer {
  // One passphrase typed on two keyboards can be two byte strings; NFKC makes them one (RFC 8265 does so too).
  return scryptSync(passphrase.normalize('NFKC'), salt, 32, {
    N: cost.N,
    r: cost.r,
    p: cost.p,
    maxmem: 128 * cost.N * cost.r + 64 * 1024 * 1024,
  })
}
