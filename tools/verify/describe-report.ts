import type { SignatureReport, VerificationReport } from '../../shared/domain/verification-report.ts'

/** A report in words, for a terminal. */
export function describeReport(file: string, report: VerificationReport): string {
  const { certificate } = report
  const lines = [
    `${report.verdict.replaceAll('_', ' ')}  ${file}`,
    `  ${report.summary}`,
    ...report.reasons.map((reason) => `  - ${reason}`),
    fact('SHA-256', report.sha256),
    ...(certificate === null
      ? []
      : [
          fact('Certificate', certificate.certificateNumber),
          fact('Content hash', certificate.contentHash),
          ...(certificate.batchHash === null ? [] : [fact('Batch', certificate.batchHash)]),
        ]),
    ...report.signatures.flatMap((signature, index) => describeSignature(signature, index + 1, report)),
  ]
  return lines.join('\n')
}

function describeSignature(signature: SignatureReport, number: number, report: VerificationReport): string[] {
  const { signer } = signature
  const field = signature.fieldName === null ? 'no field names it' : `field ${signature.fieldName}`
  const verdict = signature.verdict.replaceAll('_', ' ')
  const lines = [`  Signature ${number} (${field}, ${signature.level}): ${verdict}`]
  if (signer !== null) {
    lines.push(
      inner('Signed by', [signer.commonName, signer.organisation, signer.email].filter(Boolean).join(', ')),
      inner('Chain', signature.chain.map((link) => link.commonName).join(' < ') + (signature.trusted ? '' : ' < ?')),
      inner(
        'Certificate',
        `${signer.serialNumber}, valid ${signer.validFrom.slice(0, 10)} to ${signer.validTo.slice(0, 10)}`,
      ),
      inner('Fingerprint', signer.fingerprintSha256),
    )
  }
  if (signature.provenTime !== null) lines.push(inner('Time', `${signature.provenTime} (proven by a timestamp)`))
  else if (signature.claimedTime !== null) {
    lines.push(inner('Time', `${signature.claimedTime} (claimed by the signing computer)`))
  }
  const after = report.sizeBytes - signature.coveredBytes
  if (signature.coveredBytes > 0) {
    lines.push(inner('Covers', signature.coversWholeFile ? 'the whole file' : `all but the last ${after} bytes`))
  }
  return lines
}

const fact = (label: string, value: string): string => `  ${label.padEnd(14)}${value}`
const inner = (label: string, value: string): string => `    ${label.padEnd(12)}${value}`
