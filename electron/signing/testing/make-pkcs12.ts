import {
  AuthenticatedSafe,
  CertBag,
  Certificate,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
} from 'pkijs'
import type { IssuedCertificate } from './issue-certificate.ts'

const bagType = {
  shroudedKey: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
}

/** The initialization vector is drawn by the library, whose type asks for one all the same. */
const encryption = { name: 'AES-CBC', length: 256, iv: new ArrayBuffer(16) } as const

/** Enough to slow down guessing, little enough to open a key in a tenth of a second. */
const iterations = 50_000

/**
 * Packs a key, its certificate and the authorities above it into a PKCS#12 file: PBES2 with AES-256 for the key, a
 * message authentication code with SHA-256 over all (RFC 7292).
 */
export async function makePkcs12(
  own: IssuedCertificate,
  chainDer: readonly Uint8Array[],
  passphrase: string,
): Promise<Uint8Array> {
  const password = copy(new TextEncoder().encode(passphrase))
  const keyBag = new PKCS8ShroudedKeyBag({ parsedValue: PrivateKeyInfo.fromBER(copy(own.privateKeyDer)) })
  await keyBag.makeInternalValues({
    password,
    contentEncryptionAlgorithm: encryption,
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: iterations,
  })
  const certificates = [own.certificateDer, ...chainDer].map(
    (der) =>
      new SafeBag({
        bagId: bagType.certificate,
        bagValue: new CertBag({ parsedValue: Certificate.fromBER(copy(der)) }),
      }),
  )
  const safeContents = [
    new SafeContents({ safeBags: [new SafeBag({ bagId: bagType.shroudedKey, bagValue: keyBag })] }),
    new SafeContents({ safeBags: certificates }),
  ].map((value) => ({ privacyMode: 0, value }))
  const authenticatedSafe = new AuthenticatedSafe({ parsedValue: { safeContents } })
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, {}] })

  const file = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } })
  await file.makeInternalValues({
    password,
    iterations,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  })
  return new Uint8Array(file.toSchema().toBER())
}

const copy = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer
