import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  newDatabaseKey,
  parseWrappedKey,
  type SecretStore,
  unwrapKey,
  wrapWithKeychain,
  wrapWithPassphrase,
} from './keychain.ts'

/** A keychain of one computer: seals with a secret that only this one has. */
function computer(available = true): SecretStore {
  const secret = randomBytes(32)
  return {
    available: () => available,
    encrypt: (text) => {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', secret, iv)
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), sealed])
    },
    decrypt: (bytes) => {
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(12, 28))
      return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8')
    },
  }
}

const answerOf = (result: ReturnType<typeof unwrapKey>) => (result.ok ? result.value : result.error.code)

test('a key wrapped by the keychain opens on this computer and nowhere else', () => {
  const store = computer()
  const key = newDatabaseKey()
  const wrapped = wrapWithKeychain(key, store)
  if (!wrapped.ok) throw new Error(wrapped.error.message)
  expect(JSON.stringify(wrapped.value)).not.toContain(key)
  expect(answerOf(unwrapKey(wrapped.value, { store, passphrase: null }))).toBe(key)
  expect(answerOf(unwrapKey(wrapped.value, { store: computer(), passphrase: null }))).toBe('key_lost')
  expect(answerOf(unwrapKey(wrapped.value, { store: computer(false), passphrase: null }))).toBe('key_lost')
})

test('without a keychain nothing is wrapped by it', () => {
  expect(wrapWithKeychain(newDatabaseKey(), computer(false)).ok).toBe(false)
})

test('a key wrapped by a passphrase opens with it alone, however it was typed', () => {
  const store = computer(false)
  const key = newDatabaseKey()
  const wrapped = wrapWithPassphrase(key, 'caf\u00e9 am Fluss')
  expect(answerOf(unwrapKey(wrapped, { store, passphrase: 'cafe\u0301 am Fluss' }))).toBe(key)
  expect(answerOf(unwrapKey(wrapped, { store, passphrase: 'Cafe am Fluss' }))).toBe('wrong_passphrase')
  expect(answerOf(unwrapKey(wrapped, { store, passphrase: null }))).toBe('locked')
}, 30_000)

test('the file survives writing and reading, and an altered one opens for nobody', () => {
  const wrapped = wrapWithPassphrase(newDatabaseKey(), 'correct horse')
  const read = parseWrappedKey(JSON.stringify(wrapped))
  expect(read).toEqual({ ok: true, value: wrapped })
  if (wrapped.protection !== 'passphrase') throw new Error('expected a passphrase')
  const flipped = Buffer.from(wrapped.sealed, 'base64')
  flipped.writeUInt8(flipped.readUInt8(0) ^ 1, 0)
  const altered = { ...wrapped, sealed: flipped.toString('base64') }
  expect(answerOf(unwrapKey(altered, { store: computer(), passphrase: 'correct horse' }))).toBe('wrong_passphrase')
}, 30_000)

test.each([
  '',
  '{',
  '[]',
  '{"version":1,"protection":"none"}',
  '{"version":2,"protection":"keychain","sealed":"AA=="}',
])('a key file that holds %j is named as damaged', (text) => {
  const read = parseWrappedKey(text)
  expect(read.ok ? 'ok' : read.error.code).toBe('key_lost')
})

test('a key file cannot ask for all the memory there is', () => {
  const wrapped = { ...wrapWithPassphrase(newDatabaseKey(), 'correct horse'), N: 2 ** 30 }
  expect(parseWrappedKey(JSON.stringify(wrapped)).ok).toBe(false)
}, 30_000)
