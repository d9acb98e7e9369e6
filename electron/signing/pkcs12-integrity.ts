import { AuthenticatedSafe, getCrypto, PFX } from 'pkijs'

/** Whether the bytes have the outer form of a PKCS#12 file; nothing is decrypted. */
export function hasPkcs12Shape(bytes: Uint8Array): boolean {
  try {
    readAuthenticatedSafe(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * Whether the passphrase produces the file's message authentication code (RFC 7292, section 4). A file without one cannot
 * tell, so the answer is yes and decrypting decides. `bytes` must have the shape of a PKCS#12 file.
 */
export async function passphraseOpensPkcs12(bytes: Uint8Array, passphrase: string): Promise<boolean> {
  const { file, content } = readAuthenticatedSafe(bytes)
  if (file.macData === undefined) return true
  const engine = getCrypto(true)
  const { mac, macSalt, iterations } = file.macData
  return engine.verifyDataStampedWithPassword({
    password: new Uint8Array(new TextEncoder().encode(passphrase)).buffer,
    hashAlgorithm: engine.getAlgorithmByOID<{ name: string }>(mac.digestAlgorithm.algorithmId, true, 'digestAlgorithm')
      .name,
    salt: macSalt.valueBlock.valueHexView.slice().buffer,
    iterationCount: iterations ?? 1,
    contentToVerify: content,
    signatureToVerify: mac.digest.valueBlock.valueHexView.slice().buffer,
  })
}

function readAuthenticatedSafe(bytes: Uint8Array): { file: PFX; content: ArrayBuffer } {
  const file = PFX.fromBER(new Uint8Array(bytes).buffer)
  const content: ArrayBuffer = file.authSafe.content.getValue()
  AuthenticatedSafe.fromBER(content)
  return { file, content }
}
