import type { Statement } from '../../shared/contract/views.ts'
import type { CertificateId, DecisionId, Instant, MutationId, Sha256, SignatureId } from '../../shared/domain/ids.ts'
import { nextStatus } from '../../shared/domain/transitions.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import { batchNotHere } from '../batches/change-batch.ts'
import { gatesFor, type ReviewFacts, readReviewFacts } from '../batches/review-facts.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { WriteHandle } from '../database/handles.ts'
import { type ChangeDraft, enqueueMutations } from '../outbox/enqueue-mutation.ts'
import { type DecisionParts, decisionChange, decisionEvent } from './decision-change.ts'
import { closedGate } from './record-decision.ts'

/** A certificate that was built and signed, and lies in the vault. */
export interface SignedCertificate {
  readonly id: CertificateId
  readonly number: string
  /** Where it goes in the bucket `certificates`. */
  readonly objectPath: string
  readonly sha256: Sha256
  /** SHA-256 over the signature's ByteRange. */
  readonly byteRangeDigest: Sha256
  readonly byteSize: number
  readonly signatureId: SignatureId
  readonly signerSubject: string
  readonly signerSerial: string
  /** SHA-256 of the signer's certificate. */
  readonly signerFingerprint: Sha256
  /** The signing computer's clock. */
  readonly claimedAt: Instant
}

/** An auditor's decision with the certificate that states it. */
export interface Verification {
  readonly batchId: string
  readonly decisionId: DecisionId
  /** The content that was signed; `stale` when the batch has another by now. */
  readonly contentHash: string
  readonly statement: Statement
  readonly certificate: SignedCertificate
}

/**
 * Records verification and certificate in the caller's transaction: two outbox entries that go in this order and at once (a signature
 * is never taken back), the upload that follows them, and the audit events. The gates are asked again inside the transaction.
 */
export function recordVerification(
  handle: WriteHandle,
  context: CaseContext,
  verification: Verification,
): Result<{ readonly decisionMutationId: MutationId; readonly certificateMutationId: MutationId }> {
  const { batchId, statement, certificate } = verification
  const facts = readReviewFacts(handle, context, [batchId]).get(batchId)
  if (facts === undefined) return batchNotHere
  const parts = judge(context, verification, facts)
  if (!parts.ok) return parts
  const [decisionMutationId, certificateMutationId] = enqueueMutations(handle, context, [
    decisionChange(context, parts.value),
    certificateChange(context, verification, facts),
  ])
  if (decisionMutationId === undefined || certificateMutationId === undefined)
    throw new Error('Two changes give two ids')
  handle
    .prepare(
      `insert into upload (mutation_id, sha256, bucket, object_path, media_type, byte_size, state)
      values (?, ?, 'certificates', ?, 'application/pdf', ?, 'waiting')`,
    )
    .run(certificateMutationId, certificate.sha256, certificate.objectPath, certificate.byteSize)
  appendAuditEvents(handle, context, [
    decisionEvent(parts.value),
    {
      action: 'certificate.issued',
      entity: 'certificate',
      entityId: certificate.id,
      entityLabel: certificate.number,
      before: null,
      after: {
        batch_id: batchId,
        decision_id: verification.decisionId,
        opinion: statement.opinion,
        assurance_level: statement.assuranceLevel,
        content_hash: verification.contentHash,
        sha256: certificate.sha256,
        signer_subject: certificate.signerSubject,
        signer_fingerprint: certificate.signerFingerprint,
      },
    },
  ])
  return ok({ decisionMutationId, certificateMutationId })
}

/** Whether a certificate may carry this opinion. To be asked before anything is signed. */
export const checkOpinion = ({ opinion }: Pick<Statement, 'opinion'>): Result<null> =>
  opinion === 'unmodified' || opinion === 'qualified'
    ? ok(null)
    : fail(
        'invalid_input',
        'A certificate carries an unmodified or a qualified opinion.',
        'Reject the batch or request changes for an adverse opinion or a disclaimer.',
      )

function judge(context: CaseContext, verification: Verification, facts: ReviewFacts): Result<DecisionParts> {
  const { statement, contentHash, decisionId } = verification
  if (contentHash !== facts.batch.contentHash) {
    return fail('stale', 'The batch changed after this was signed.', 'Look at what changed and sign again.')
  }
  const carried = checkOpinion(statement)
  if (!carried.ok) return carried
  const gate = closedGate(gatesFor(facts, context.person, 'verify', 1), statement.acknowledgedGates)
  if (gate !== undefined) return fail(gate.code === 'stale' ? 'stale' : 'blocked', gate.message, gate.action)
  const toStatus = nextStatus(facts.status, 'verify', context.person)
  if (toStatus === null) throw new Error('The gates let a verification through that leads nowhere')
  return ok({
    decisionId,
    facts,
    action: 'verify',
    toStatus,
    reasonCode: 'verified',
    reason: statement.basis === '' ? 'Verified, certificate signed' : statement.basis,
    opinion: statement.opinion,
    assuranceLevel: statement.assuranceLevel,
    acknowledgedGates: statement.acknowledgedGates,
    holdSeconds: 0,
  })
}

function certificateChange(
  context: CaseContext,
  { decisionId, statement, contentHash, certificate }: Verification,
  { batch }: ReviewFacts,
): ChangeDraft<'certificate.issue'> {
  const stated = {
    decision_id: decisionId,
    certificate_number: certificate.number,
    opinion: statement.opinion,
    assurance_level: statement.assuranceLevel,
    object_path: certificate.objectPath,
    sha256: certificate.sha256,
    byte_range_digest: certificate.byteRangeDigest,
    byte_size: certificate.byteSize,
    claimed_at: certificate.claimedAt,
  } as const
  const signed = {
    signer_subject: certificate.signerSubject,
    signer_serial: certificate.signerSerial,
    signer_fingerprint: certificate.signerFingerprint,
    level: 'B-B',
  } as const
  return {
    kind: 'certificate.issue',
    rowId: certificate.id,
    batchId: batch.id,
    baseVersion: 0,
    contentHash: contentHash as Sha256,
    payload: { ...stated, ...signed, signature_id: certificate.signatureId },
    summary: `Certificate ${certificate.number}`,
    base: null,
    holdSeconds: 0,
    pendingRows: [
      {
        table: 'certificate',
        row: {
          ...stated,
          id: certificate.id,
          batch_id: batch.id,
          content_hash: contentHash,
          bucket: 'certificates',
          issued_by: context.person.id,
          received_at: '',
        },
      },
      {
        table: 'signature',
        row: {
          ...signed,
          id: certificate.signatureId,
          certificate_id: certificate.id,
          batch_id: batch.id,
          signer_id: context.person.id,
          kind: 'auditor',
          claimed_at: certificate.claimedAt,
        },
      },
    ],
  }
}
