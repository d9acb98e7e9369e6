import type { AuditEntry, BatchListRow, RegisterRow } from '../../shared/contract/views.ts'
import type { MutationId, Sha256 } from '../../shared/domain/ids.ts'
import type { OutboxItem, OutboxState } from '../../shared/domain/sync-state.ts'
import type { VerificationReport, VerificationVerdict } from '../../shared/domain/verification-report.ts'
import { verdictSentence } from '../../shared/domain/verification-report.ts'
import { fakeId, previewNow, randomFrom } from './fake-batches.ts'

const hexOf = (seed: number): Sha256 => {
  const random = randomFrom(seed)
  return Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('') as Sha256
}

const acts = [
  'decision.recorded',
  'evidence.viewed',
  'score.set',
  'finding.raised',
  'decision.undone',
  'sync.applied',
] as const

/** Entries of an audit log, newest first. */
export const fakeAudit = (batches: readonly BatchListRow[], count: number): readonly AuditEntry[] =>
  Array.from({ length: count }, (_, index): AuditEntry => {
    const sequence = count - index
    const batch = batches[(sequence * 37) % batches.length]
    const action = acts[sequence % acts.length] ?? 'decision.recorded'
    return {
      sequence,
      at: new Date(previewNow - index * 421_000).toISOString(),
      actorKind: action === 'sync.applied' ? 'system' : 'person',
      actorName: action === 'sync.applied' ? 'Veridesk' : 'Rina Hartono',
      action,
      entity: 'batch',
      entityId: batch?.id ?? '',
      entityLabel: batch?.projectName ?? null,
      before: { status: 'under_review', score: 412, reason: null },
      after: { status: 'approved', score: 412, reason: 'Evidence complete and consistent' },
      deviceId: 'd6a0c2f4-64e1-4c57-8ed3-3a3d9a4b7e10',
      previousHash: hexOf(sequence - 1),
      hash: hexOf(sequence),
    }
  })

/** Changes in every state that a change can be in. */
export const fakeOutbox = (batches: readonly BatchListRow[]): readonly OutboxItem[] => {
  const random = randomFrom(3)
  const item = (state: OutboxState, summary: string, more: Partial<OutboxItem> = {}): OutboxItem => ({
    mutationId: fakeId(random) as MutationId,
    kind: 'decision.record',
    state,
    batchId: batches[4]?.id ?? '',
    batchHash: batches[4]?.batchHash ?? null,
    summary,
    createdAt: new Date(previewNow - 600_000).toISOString(),
    holdUntil: null,
    attempts: state === 'queued' ? 0 : 1,
    handedOverAt: null,
    error: null,
    theirs: null,
    mine: {},
    base: null,
    settledAt: null,
    resolution: null,
    overrides: false,
    batchPlace: 'here',
    ...more,
  })
  return [
    item('conflict', 'Approve Citarum River Recovery', {
      error: {
        code: 'conflict',
        message: 'The batch changed in the cloud before your decision arrived.',
        action: 'Compare both versions, then take theirs or decide again.',
      },
    }),
    item('conflict', 'Reject Citarum Upper Reach', { batchPlace: 'here' }),
    item('waiting', 'Score Q-02 of Citarum River Recovery'),
    item('rejected', 'Approve Mumbai Coastal Collection', {
      error: {
        code: 'cloud_refused',
        message: 'Your assignment to this batch has ended.',
        action: 'Ask your administrator to assign it to you again, then try again.',
      },
      attempts: 2,
      batchPlace: 'quarantined',
    }),
    item('held', 'Reject Mekong Delta Film Recycling', { holdUntil: new Date(Date.now() + 24_000).toISOString() }),
    ...Array.from({ length: 6 }, (_, index) =>
      item('queued', `Approve Surabaya Waste Bank Network ${String(index + 1)}`, {
        handedOverAt: index < 2 ? new Date(previewNow - 300_000).toISOString() : null,
      }),
    ),
    ...Array.from({ length: 14 }, (_, index) => item('applied', `Approve Chao Phraya PET Loop ${String(index + 1)}`)),
    item('superseded', 'Approve Manila Bay Nets', {
      resolution: 'taken_theirs',
      settledAt: new Date(previewNow).toISOString(),
    }),
    item('undone', 'Approve Recife Mangrove Cleanup'),
  ]
}

/** Rows of a decisions register. */
export const fakeRegister = (batches: readonly BatchListRow[]): readonly RegisterRow[] =>
  batches
    .filter(
      ({ status }) =>
        status === 'approved' || status === 'rejected' || status === 'verified' || status === 'changes_requested',
    )
    .map((batch, index): RegisterRow => {
      const verified = batch.status === 'verified'
      return {
        decisionId: batch.id,
        decidedAt: new Date(previewNow - index * 3_100_000).toISOString(),
        receivedAt: index < 2 ? null : new Date(previewNow - index * 3_000_000).toISOString(),
        batchHash: batch.batchHash,
        projectName: batch.projectName,
        standard: batch.standard,
        quantity: batch.quantity,
        action: verified
          ? 'verify'
          : batch.status === 'approved'
            ? 'approve'
            : batch.status === 'rejected'
              ? 'reject'
              : 'request_changes',
        fromStatus: verified ? 'approved' : 'under_review',
        toStatus: batch.status,
        reason: verified
          ? 'Verified, certificate signed'
          : batch.status === 'approved'
            ? 'Evidence complete and consistent'
            : batch.status === 'rejected'
              ? 'Mass balance does not close'
              : 'Calibration missing or expired',
        score: batch.score,
        actorName: verified ? 'Amara Okafor' : 'Rina Hartono',
        opinion: verified ? 'unmodified' : null,
        certificateNumber: verified ? `VD-${batch.standard}-2026-1F2E3D4C5B` : null,
        contentHash: hexOf(index),
      }
    })

/** A report of a certificate check with the given verdict. */
export function fakeReport(verdict: VerificationVerdict): VerificationReport {
  const valid = verdict === 'VALID'
  const signer = {
    commonName: 'Amara Okafor',
    organisation: 'Nusantara Assurance',
    email: 'amara@demo.example',
    subject: 'CN=Amara Okafor,O=Nusantara Assurance,C=ID',
    issuer: 'CN=Veridesk Demo Issuing CA',
    issuerCommonName: 'Veridesk Demo Issuing CA',
    serialNumber: '4f1d2c3b',
    fingerprintSha256: hexOf(90),
    validFrom: '2026-01-01T00:00:00.000Z',
    validTo: '2028-01-01T00:00:00.000Z',
  }
  const reasons = valid ? [] : ['412 bytes were added after the signature, and they change what page 1 shows.']
  return {
    verdict,
    summary: verdictSentence[verdict],
    sha256: hexOf(91),
    sizeBytes: 184_211,
    checkedAt: new Date(previewNow).toISOString(),
    trustAnchorCount: 1,
    certificate: {
      certificateNumber: 'VD-PCX-2026-1F2E3D4C5B',
      contentHash: hexOf(92),
      batchHash: 'BATCH-1f2e3d4c5b6a79880102030405069a8b',
    },
    signatures: [
      {
        fieldName: 'Signature1',
        verdict,
        level: 'B-B',
        signer,
        chain: [
          signer,
          { ...signer, commonName: 'Veridesk Demo Issuing CA', fingerprintSha256: hexOf(93) },
          { ...signer, commonName: 'Veridesk Demo Root CA', fingerprintSha256: hexOf(94) },
        ],
        trusted: true,
        coversWholeFile: valid,
        coveredBytes: valid ? 184_211 : 183_799,
        claimedTime: '2026-11-19T14:22:10.000Z',
        provenTime: null,
        reasons,
      },
    ],
    reasons,
  }
}
