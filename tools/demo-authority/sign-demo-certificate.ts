import { readFileSync } from 'node:fs'
import { loadCertificateFonts } from '../../electron/certificates/document/certificate-fonts.ts'
import { signCertificate } from '../../electron/certificates/document/sign-certificate.ts'
import { fontFolder, sampleCertificate } from '../../electron/certificates/document/testing.ts'
import { openPkcs12 } from '../../electron/signing/open-pkcs12.ts'
import type { DemoAuthority } from './ensure-demo-authority.ts'

/** A sample certificate, set and signed now with a demo auditor's own key. Throws where the key or the document cannot be made. */
export async function signDemoCertificate(authority: DemoAuthority, email: string): Promise<Uint8Array> {
  const key = authority.keys.get(email)
  if (key === undefined) throw new Error(`${email} has no signing key in the demo.`)
  const signer = await openPkcs12(readFileSync(key.p12Path), key.passphrase)
  if (!signer.ok) throw new Error(signer.error.message)
  const now = new Date().toISOString()
  const signed = await signCertificate(
    sampleCertificate({ decidedAt: now, signedAt: now }),
    signer.value,
    await loadCertificateFonts(fontFolder),
  )
  if (!signed.ok) throw new Error(signed.error.message)
  return signed.value.pdf
}
