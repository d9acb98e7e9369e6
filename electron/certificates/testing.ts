import { join } from 'node:path'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchDetail, Statement } from '../../shared/contract/views.ts'
import { ok } from '../../shared/result.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import type { CaseContext } from '../database/case-context.ts'
import { fixture, insertInto, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import type { VaultDisk } from '../platform/vault/receive-file.ts'
import { openVault, type Vault } from '../platform/vault/vault.ts'
import { setScore } from '../scores/set-score.ts'
import { toPem } from '../signing/testing/issue-certificate.ts'
import { makePkcs12 } from '../signing/testing/make-pkcs12.ts'
import {
  type CertificateVariant,
  createTestAuthority,
  issueTestCertificate,
  type TestAuthority,
} from '../signing/testing/test-authority.ts'
import type { CertificateFiles } from './certificate-files.ts'
import { loadCertificateFonts } from './document/certificate-fonts.ts'
import { fontFolder } from './document/testing.ts'
import { signBatchCertificate } from './sign-batch-certificate.ts'
import { importSigningKey } from './signing-key.ts'

/** When the clock of a test workspace starts. */
export const startOfTest = new Date('2026-11-20T09:00:00.000Z')

/** Opens every key file of these tests. */
export const keyPassphrase = 'correct horse battery staple'

/** The faces of the program. */
export const testFonts = loadCertificateFonts(fontFolder)

/** One authority for all tests of a file: making keys takes longer than using them. */
export const testAuthority: Promise<TestAuthority> = createTestAuthority(startOfTest)

/** A PKCS#12 file for the auditor of the fixture, from the test authority; `copies` of its issuer make it larger. */
export async function auditorKey({
  variant = 'proper',
  algorithm = 'ec',
  copies = 1,
}: {
  readonly variant?: CertificateVariant
  readonly algorithm?: 'rsa' | 'ec'
  readonly copies?: number
} = {}): Promise<Uint8Array> {
  const authority = await testAuthority
  const person = { commonName: people.auditor.name, organisation: 'Independent Verifiers' }
  const own = await issueTestCertificate(authority, person, startOfTest, { variant, algorithm })
  return makePkcs12(own, Array(copies).fill(authority.issuing.certificateDer), keyPassphrase)
}

/** The batch that the auditor of these tests signs for. */
export const signedBatch = fixture.batch(0)

/** A statement as the auditor fills it in, with both files of evidence left unopened and acknowledged. */
export const statement = (more: Partial<Statement> = {}): Statement => ({
  opinion: 'unmodified',
  assuranceLevel: 'reasonable',
  addressee: 'The Autify Network',
  procedures: 'Inspection of records\nRecalculation of the mass balance',
  basis: '',
  acknowledgedGates: ['unviewed_evidence'],
  ...more,
})

/** An auditor's desk: an approved batch on a real encrypted database, and a vault for what is signed. */
export interface SigningDesk {
  readonly workspace: TestWorkspace
  readonly vault: Vault
  readonly files: CertificateFiles
  readonly context: CaseContext
  readonly detail: () => BatchDetail
  /** Gives four points for every criterion but those named otherwise. */
  readonly score: (points?: Readonly<Record<string, number>>) => void
  readonly request: (more?: Partial<RequestOf<'certificate.sign'>>) => RequestOf<'certificate.sign'>
}

/** Opens such a desk; the key is in its place unless told. The caller disposes of the workspace. */
export async function openSigningDesk({
  key,
  disk,
}: {
  readonly key?: Uint8Array
  readonly disk?: VaultDisk
} = {}): Promise<SigningDesk> {
  const workspace = openTestWorkspace({ batches: 2, statusOf: () => 'approved' })
  const context = workspace.as(people.auditor)
  const directory = join(workspace.folder, 'vault')
  const vault = openVault({ directory, keyHex: workspace.keyHex, ...(disk === undefined ? {} : { disk }) })
  if (key !== undefined) {
    const imported = await importSigningKey(context, { bytes: key, passphrase: keyPassphrase })
    if (!imported.ok) throw new Error(imported.error.message)
  }
  const detail = (): BatchDetail => {
    const read = getBatchDetail(context, { batchId: signedBatch })
    if (!read.ok) throw new Error(read.error.message)
    return read.value
  }
  return {
    workspace,
    vault,
    files: {
      keep: async (sha256, bytes) => {
        const stored = await vault.put(bytes)
        if (!stored.ok) return stored
        if (stored.value !== sha256) throw new Error('The bytes do not have this name')
        return ok(null)
      },
    },
    context,
    detail,
    score: (points = {}) => {
      for (const criterionCode of fixture.criteria) {
        const scored = setScore(context, {
          batchId: signedBatch,
          criterionCode,
          points: points[criterionCode] ?? 4,
          notApplicableReason: null,
          note: '',
          evidenceFileIds: [],
        })
        if (!scored.ok) throw new Error(scored.error.message)
      }
    },
    request: (more) => ({
      batchId: signedBatch,
      ...stating({}),
      contentHash: detail().batch.contentHash,
      passphrase: keyPassphrase,
      ...more,
    }),
  }
}

/** Signs at a desk, as its auditor unless told. */
export async function signAt(
  desk: SigningDesk,
  more: Partial<RequestOf<'certificate.sign'>> = {},
  as: { readonly context?: CaseContext; readonly files?: CertificateFiles } = {},
): ReturnType<typeof signBatchCertificate> {
  return signBatchCertificate(as.context ?? desk.context, as.files ?? desk.files, await testFonts, desk.request(more))
}

/** The part of a request that states something else than usual. */
export function stating(more: Partial<Statement>): Pick<RequestOf<'certificate.sign'>, 'statement'> {
  const given = statement(more)
  return { statement: { ...given, acknowledgedGates: [...given.acknowledgedGates] } }
}

/** How many rows there are of all that signing may record. */
export const recordsOf = ({ database: { build, read } }: TestWorkspace): Readonly<Record<string, number>> =>
  Object.fromEntries(
    (['outbox', 'pending_row', 'upload', 'audit_event', 'batch_overlay'] as const).map((table) => [
      table,
      read.all(build.selectFrom(table).selectAll()).length,
    ]),
  )

/** Makes the organization of a workspace trust the test authority. */
export async function trustTestAuthority(workspace: TestWorkspace): Promise<void> {
  const { root } = await testAuthority
  workspace.database.write((handle) =>
    insertInto(handle, 'trust_anchor', {
      id: sha256Hex(root.certificateDer),
      name: 'Test root',
      certificate_pem: toPem(root.certificateDer),
      version: 1,
      scopes: 1,
    }),
  )
}

/** The audit log as tests look at it, oldest first; `actions` leaves out all others. */
export function auditLog(workspace: TestWorkspace, actions: readonly string[]) {
  const { build, read } = workspace.database
  return read
    .all(
      build
        .selectFrom('audit_event')
        .select(['action', 'entity_id', 'entity_label', 'before', 'after'])
        .where('action', 'in', [...actions])
        .orderBy('sequence'),
    )
    .map(({ before, after, ...event }) => ({
      ...event,
      before: before === null ? null : JSON.parse(before),
      after: after === null ? null : JSON.parse(after),
    }))
}

/** Leaves the database no page more than it has: what does not fit into those meets a full disk. */
export function fillDisk({ database }: TestWorkspace): void {
  database.write((handle) => handle.prepare('pragma max_page_count = 1').get())
}
