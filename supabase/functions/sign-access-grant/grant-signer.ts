/** Signs the text of grants with one key. */
export interface GrantSigner {
  /** First 16 hexadecimal digits of the SHA-256 of the public key's SubjectPublicKeyInfo. */
  readonly keyId: string
  /** Ed25519 (RFC 8032) over the UTF-8 bytes, base64. */
  sign(text: string): Promise<string>
}

/** What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410, section 4). */
const SPKI_PREFIX = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const keyIdOf = async (jwk: JsonWebKey): Promise<string> => {
  const raw = bytesOf((jwk.x ?? '').replaceAll('-', '+').replaceAll('_', '/'))
  const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from([...SPKI_PREFIX, ...raw]))
  return hex(new Uint8Array(digest)).slice(0, 16)
}

/** A signer with a private key given as PKCS #8 in base64; null where that is none. */
export const readGrantSigner = async (pkcs8: string): Promise<GrantSigner | null> => {
  try {
    const key = await crypto.subtle.importKey('pkcs8', bytesOf(pkcs8.trim()), 'Ed25519', true, ['sign'])
    const keyId = await keyIdOf(await crypto.subtle.exportKey('jwk', key))
    return {
      keyId,
      sign: async (text) => {
        const signature = await crypto.subtle.sign('Ed25519', key, new TextEncoder().encode(text))
        return btoa(String.fromCharCode(...new Uint8Array(signature)))
      },
    }
  } catch (error) {
    // Not base64, not a key, or a key of another kind: the caller says what to do.
    if (error instanceof DOMException || error instanceof TypeError || error instanceof SyntaxError) return null
    throw error
  }
}
