import type { Batch, BatchStatus } from '../../shared/domain/batch.ts'
import type { BatchId, PersonId, ProjectId, Sha256 } from '../../shared/domain/ids.ts'
import type { Standard } from '../../shared/domain/standard.ts'
import type { Row } from '../database/tables.ts'

/** A mirrored batch in the words of the domain. */
export const toBatch = (row: Row<'batch'>): Batch => ({
  id: row.id as BatchId,
  batchHash: row.batch_hash,
  projectId: row.project_id as ProjectId,
  recyclerId: row.user_id as PersonId,
  standard: row.standard as Standard,
  quantity: row.quantity,
  location: row.location,
  dateSubmitted: row.date_submitted,
  periodStart: row.period_start,
  periodEnd: row.period_end,
  description: row.description,
  status: row.status as BatchStatus,
  plasticCredits: row.plastic_credits,
  carbonCredits: row.carbon_credits,
  verificationScore: row.verification_score,
  verifiedBy: row.verified_by as PersonId | null,
  verifiedAt: row.verified_at,
  riskScore: row.risk_score,
  riskReasons: JSON.parse(row.risk_reasons) as readonly string[],
  contentHash: row.content_hash as Sha256,
  updatedAt: row.updated_at,
  version: row.version,
})
