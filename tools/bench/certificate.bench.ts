import { P12Signer, PDF } from '@libpdf/core'
import { buildCertificatePdf } from '../../electron/certificates/document/build-certificate-pdf.ts'
import { loadCertificateFonts } from '../../electron/certificates/document/certificate-fonts.ts'
import { signCertificate } from '../../electron/certificates/document/sign-certificate.ts'
import { fontFolder, sampleCertificate } from '../../electron/certificates/document/testing.ts'
import { openPkcs12 } from '../../electron/signing/open-pkcs12.ts'
import { signPdf } from '../../electron/signing/sign-pdf.ts'
import { makePkcs12 } from '../../electron/signing/testing/make-pkcs12.ts'
import { createTestAuthority, issueTestCertificate } from '../../electron/signing/testing/test-authority.ts'
import { verifyPdf } from '../../electron/signing/verify-pdf.ts'

/** One measured figure and what it is held against. */
export interface BenchFigure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target: number
  readonly better: 'lower' | 'higher'
  readonly ok: boolean
  /** The same work done by another program in the same run. */
  readonly peer?: { readonly name: string; readonly value: number }
}

const rounds = 40

/** Build and sign a certificate, sign alone, verify: medians with an RSA-2048 key from a PKCS#12 file, fonts already read. */
export async function benchCertificate(): Promise<BenchFigure[]> {
  const now = new Date()
  const authority = await createTestAuthority(now)
  const own = await issueTestCertificate(authority, { commonName: 'Inés Marín Aguirre' }, now)
  const file = await makePkcs12(own, [authority.issuing.certificateDer], 'bench')
  const opened = await openPkcs12(file, 'bench')
  if (!opened.ok) throw new Error(opened.error.message)
  const signer = opened.value
  const fonts = await loadCertificateFonts(fontFolder)
  const data = sampleCertificate()
  const built = await buildCertificatePdf(data, fonts)
  const signed = await signCertificate(data, signer, fonts)
  if (!built.ok || !signed.ok) throw new Error('The sample certificate cannot be made')

  const buildAndSign = await median(() => signCertificate(data, signer, fonts))
  const signAlone = await median(() => signPdf(built.value, signer))
  const terms = { trustAnchors: [authority.root.certificateDer], at: now }
  const verify = await median(() => verifyPdf(signed.value.pdf, terms))

  const peerSigner = await P12Signer.create(file, 'bench')
  const peerSign = await median(async () => {
    const document = await PDF.load(built.value)
    await document.sign({ signer: peerSigner })
  })
  return [
    figure('certificate built and signed', buildAndSign, 60),
    { ...figure('certificate signed', signAlone, 10), peer: { name: '@libpdf/core, load and sign', value: peerSign } },
    figure('certificate verified', verify, 20),
  ]
}

function figure(name: string, value: number, target: number): BenchFigure {
  return { name, value, unit: 'ms', target, better: 'lower', ok: value < target }
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds + 5; round += 1) {
    const start = performance.now()
    await work()
    // The first rounds warm the compiler up.
    if (round >= 5) times.push(performance.now() - start)
  }
  times.sort((left, right) => left - right)
  return Math.round((times[Math.floor(times.length / 2)] ?? 0) * 100) / 100
}
