import type { SecretStore } from '../platform/keychain.ts'

/** Where the operating system keeps secrets, asked by message: the process with the windows holds it. */
export interface AsyncSecretStore {
  readonly available: () => Promise<boolean>
  readonly encrypt: (text: string) => Promise<Uint8Array>
  /** Rejects when the bytes were not made by this person on this computer. */
  readonly decrypt: (bytes: Uint8Array) => Promise<string>
}

/** Asks for the sealing of one text beforehand, so that wrapping a key needs no waiting. */
export async function storeThatSeals(store: AsyncSecretStore, text: string): Promise<SecretStore> {
  const available = await store.available()
  const sealed = available ? await store.encrypt(text) : new Uint8Array(0)
  return { available: () => available, encrypt: () => sealed, decrypt: neverAsked }
}

/** Asks for the opening of some sealed bytes beforehand. */
export async function storeThatOpens(store: AsyncSecretStore, sealed: Uint8Array): Promise<SecretStore> {
  const available = await store.available()
  const opened = available ? await store.decrypt(sealed).catch(() => null) : null
  return {
    available: () => available,
    encrypt: neverAsked,
    decrypt() {
      if (opened === null) throw new Error('Not sealed by this person on this computer')
      return opened
    },
  }
}

function neverAsked(): never {
  throw new Error('Only one direction was asked for')
}
