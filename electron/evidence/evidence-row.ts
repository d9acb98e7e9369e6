import type { EvidenceFile, EvidenceKind } from '../../shared/domain/evidence.ts'
import type { BatchId, EvidenceFileId, PersonId, Sha256 } from '../../shared/domain/ids.ts'
import type { Row } from '../database/tables.ts'

/** A row of the mirror as the domain knows it. */
export const toEvidenceFile = (row: Row<'evidence_file'>): EvidenceFile => ({
  id: row.id as EvidenceFileId,
  batchId: row.batch_id as BatchId,
  kind: row.kind as EvidenceKind,
  title: row.title,
  mediaType: row.media_type,
  byteSize: row.byte_size,
  sha256: row.sha256 as Sha256,
  effectiveAt: row.effective_at,
  uploadedBy: row.uploaded_by as PersonId,
  uploadedAt: row.uploaded_at,
  version: row.version,
})
