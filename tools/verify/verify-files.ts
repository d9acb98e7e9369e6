import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { readTrustAnchors } from '../../electron/signing/read-trust-anchors.ts'
import { verifyPdf } from '../../electron/signing/verify-pdf.ts'
import type { VerificationReport } from '../../shared/domain/verification-report.ts'
import { describeReport } from './describe-report.ts'

/** What `npm run verify` was asked. */
export interface VerifyRequest {
  readonly files: readonly string[]
  /** A PEM or DER file; null takes the demo authority's root where there is one. */
  readonly trust: string | null
  readonly json: boolean
  /** Relative paths are taken from here. */
  readonly folder: string
  /** Where the demo authority keeps its root. */
  readonly demoRoot: string
  readonly at: Date
}

/** What it answers: everything to print, and 0 only if every file is VALID. */
export interface VerifyAnswer {
  readonly output: string
  readonly exitCode: 0 | 1
}

/** One file's answer: a report, or one plain line on why there is none. */
type FileAnswer = { readonly file: string } & ({ readonly report: VerificationReport } | { readonly problem: string })

/** Checks signed PDFs without database, network or window. */
export async function verifyFiles(request: VerifyRequest): Promise<VerifyAnswer> {
  const trust = readTrust(request)
  if ('problem' in trust) return { output: `${trust.problem}\n`, exitCode: 1 }
  const answers: FileAnswer[] = []
  for (const file of request.files) {
    const bytes = readBytes(resolve(request.folder, file))
    answers.push(
      'problem' in bytes
        ? { file, problem: bytes.problem }
        : { file, report: await verifyPdf(bytes.content, { trustAnchors: trust.anchors, at: request.at }) },
    )
  }
  const allValid = answers.every((answer) => 'report' in answer && answer.report.verdict === 'VALID')
  const output = request.json
    ? `${JSON.stringify({ trust: trust.label, files: answers }, null, 2)}\n`
    : [trust.label, ...answers.map(describeAnswer)].join('\n\n').concat('\n')
  return { output, exitCode: allValid ? 0 : 1 }
}

type Trust = { readonly anchors: readonly Uint8Array[]; readonly label: string } | { readonly problem: string }

function readTrust({ trust, folder, demoRoot }: VerifyRequest): Trust {
  if (trust === null && !existsSync(demoRoot)) {
    return {
      anchors: [],
      label: 'There is no trust anchor, so no file can be better than UNTRUSTED. Give one with --trust ANCHOR.pem.',
    }
  }
  const bytes = readBytes(trust === null ? demoRoot : resolve(folder, trust))
  if ('problem' in bytes) return { problem: `Trust anchor ${trust ?? demoRoot}: ${bytes.problem}` }
  const anchors = readTrustAnchors(bytes.content)
  if (!anchors.ok) return { problem: `Trust anchor ${trust ?? demoRoot}: ${anchors.error.message}` }
  const label =
    trust === null
      ? 'Trust anchor: the demo authority of this machine. It vouches for made-up people only.'
      : `Trust anchor: ${trust}`
  return { anchors: anchors.value, label }
}

function describeAnswer(answer: FileAnswer): string {
  return 'report' in answer ? describeReport(answer.file, answer.report) : `${answer.file}\n  ${answer.problem}`
}

function readBytes(path: string): { readonly content: Uint8Array } | { readonly problem: string } {
  try {
    return { content: readFileSync(path) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'ENOENT') return { problem: 'There is no such file.' }
    if (code === 'EISDIR') return { problem: 'This is a folder, not a file.' }
    if (code === 'EACCES' || code === 'EPERM') return { problem: 'This file may not be read by you.' }
    return { problem: 'This file cannot be read.' }
  }
}
