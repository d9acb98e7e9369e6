import type { BatchDetail } from '../../shared/contract/views.ts'
import type { Certificate, SignatureLevel } from '../../shared/domain/certificate.ts'
import type { AssuranceLevel, Opinion } from '../../shared/domain/decision.ts'
import type { BatchId, CertificateId, DecisionId, PersonId, Sha256 } from '../../shared/domain/ids.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { readStates } from '../decisions/read-decisions.ts'
import { unsettledStates } from '../outbox/change-states.ts'
import { overlayRows, readPendingRows } from '../outbox/pending-rows.ts'

/** The certificates of a batch, oldest first, signed ones that are not in the cloud yet included, whatever became of their change. */
export function readCertificates(read: ReadHandle, batchId: BatchId): BatchDetail['certificates'] {
  const pending = readPendingRows(read, 'certificate', [batchId], unsettledStates)
  const certificates = overlayRows(
    read.all(queryBuilder.selectFrom('certificate').selectAll().where('batch_id', '=', batchId).orderBy('received_at')),
    pending,
  )
  if (certificates.length === 0) return []
  const signatures = overlayRows(
    read.all(queryBuilder.selectFrom('signature').selectAll().where('batch_id', '=', batchId)),
    readPendingRows(read, 'signature', [batchId], unsettledStates),
  )
  const states = readStates(
    read,
    pending.map(({ mutationId }) => mutationId),
  )
  return certificates.map((row) => {
    const change = pending.find((each) => each.row.id === row.id)
    return {
      ...toCertificate(
        row,
        signatures.find(({ certificate_id }) => certificate_id === row.id),
      ),
      outboxState: change === undefined ? null : (states.get(change.mutationId) ?? null),
    }
  })
}

const toCertificate = (row: Row<'certificate'>, signature: Row<'signature'> | undefined): Certificate => ({
  id: row.id as CertificateId,
  batchId: row.batch_id as BatchId,
  decisionId: row.decision_id as DecisionId,
  number: row.certificate_number,
  opinion: row.opinion as Opinion,
  assuranceLevel: row.assurance_level as AssuranceLevel,
  contentHash: row.content_hash as Sha256,
  sha256: row.sha256 as Sha256,
  byteRangeDigest: row.byte_range_digest as Sha256,
  byteSize: row.byte_size,
  signerId: row.issued_by as PersonId,
  signerSubject: signature?.signer_subject ?? '',
  signatureLevel: (signature?.level ?? 'B-B') as SignatureLevel,
  claimedAt: row.claimed_at,
  receivedAt: row.received_at === '' ? null : row.received_at,
  version: row.version,
})
