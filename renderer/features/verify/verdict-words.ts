import type { SignatureReport, VerificationVerdict } from '../../../shared/domain/verification-report.ts'

/** How a verdict is headed, and what to do with the file. */
export const verdictWords: Readonly<
  Record<
    VerificationVerdict,
    { readonly title: string; readonly advice: string; readonly tone: 'good' | 'caution' | 'bad' }
  >
> = {
  VALID: { title: 'Valid', advice: 'You can rely on what it says, as of the time of signing.', tone: 'good' },
  UNTRUSTED: {
    title: 'Intact, signer not known',
    advice: 'Ask the issuer for the fingerprint of their certificate over another channel and compare it.',
    tone: 'caution',
  },
  INVALID: { title: 'Not valid', advice: 'Ask the issuer for the original file.', tone: 'bad' },
  FORBIDDEN_CHANGE: {
    title: 'Changed after signing',
    advice: 'Ask the issuer for the original file, and tell them about this one.',
    tone: 'bad',
  },
  REVOKED: {
    title: 'Signer’s certificate was withdrawn',
    advice: 'Ask the issuer for a new certificate.',
    tone: 'bad',
  },
  NO_SIGNATURE: {
    title: 'Not signed',
    advice: 'This may be a draft or a copy. Ask for the signed file.',
    tone: 'caution',
  },
}

/** What each level of a signature promises. */
export const levelWords: Readonly<Record<SignatureReport['level'], string>> = {
  'B-B': 'PAdES B-B: signed; the time is the signing computer’s own',
  'B-T': 'PAdES B-T: signed, with a trusted time',
  'B-LT': 'PAdES B-LT: with a trusted time and what proves it later',
  'B-LTA': 'PAdES B-LTA: kept provable for the long term',
  timestamp: 'Document timestamp',
  unknown: 'Unknown level',
}
