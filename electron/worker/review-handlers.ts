import type { BatchDetail } from '../../shared/contract/views.ts'
import { ok, type Result } from '../../shared/result.ts'
import { declareIndependence } from '../access-grants/declare-independence.ts'
import { listGrants } from '../access-grants/list-grants.ts'
import { readBatchFacets } from '../batches/batch-facets.ts'
import { claimBatches } from '../batches/claim-batches.ts'
import { findBatchIds } from '../batches/find-batch-ids.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import { readBatchRows } from '../batches/read-batch-rows.ts'
import type { CaseContext } from '../database/case-context.ts'
import { recordDecision } from '../decisions/record-decision.ts'
import { undoDecisions } from '../decisions/undo-decisions.ts'
import { findEvidenceFile } from '../evidence/find-evidence-file.ts'
import { markViewed } from '../evidence/mark-viewed.ts'
import { readEvidenceTable } from '../evidence/read-evidence-table.ts'
import { readPhotoFacts } from '../evidence/read-photo-facts.ts'
import { closeFinding } from '../findings/close-finding.ts'
import { raiseFinding } from '../findings/raise-finding.ts'
import { respondToFinding } from '../findings/respond-to-finding.ts'
import { withdrawFinding } from '../findings/withdraw-finding.ts'
import { setScore } from '../scores/set-score.ts'
import type { HandlersOf } from './handler-types.ts'
import { vaultFile } from './vault-file.ts'
import { afterChange, inWorkspace, type WorkerParts } from './worker-parts.ts'

type Names =
  | `grants.${string}`
  | `independence.${string}`
  | `batch.${string}`
  | `evidence.${string}`
  | `score.${string}`
  | `finding.${string}`
  | `decision.${string}`

/** The queue and the batch: reading, scoring, findings, decisions. */
export function reviewHandlers(parts: WorkerParts): HandlersOf<Names> {
  const within = inWorkspace(parts)

  /** A change to one batch; the use case answers with what the batch is after it. */
  const change =
    <Input extends { readonly batchId: string }>(work: (context: CaseContext, input: Input) => Result<BatchDetail>) =>
    (input: Input) =>
      within((context, workspace) => {
        const changed = work(context, input)
        if (changed.ok) afterChange(parts, workspace, [input.batchId])
        return changed
      })

  /** A change to many batches, each with its own outcome. */
  const changeMany =
    <Input, Outcome extends { readonly batchId: string; readonly refused: unknown }>(
      work: (context: CaseContext, input: Input) => Result<readonly Outcome[]>,
    ) =>
    (input: Input) =>
      within((context, workspace) => {
        const result = work(context, input)
        if (result.ok)
          afterChange(
            parts,
            workspace,
            result.value.filter(({ refused }) => refused === null).map(({ batchId }) => batchId),
          )
        return result
      })

  return {
    'batch.ids': (input) => within((context) => findBatchIds(context, input)),
    'batch.rows': (input) => within((context) => readBatchRows(context, input)),
    'batch.facets': (input) => within((context) => readBatchFacets(context, input)),
    'batch.get': (input) => within((context) => getBatchDetail(context, input)),
    'batch.claim': changeMany(claimBatches),
    'evidence.open': ({ evidenceFileId }) =>
      within(async (context, { files }) => {
        const found = findEvidenceFile(context, evidenceFileId)
        if (!found.ok) return found
        const { sha256, byteSize, mediaType, title } = found.value
        const here = await files.ensure(sha256)
        if (!here.ok) return here
        const opened = parts.openFiles.open(sha256, { mediaType, fileName: title }, vaultFile(files, sha256, byteSize))
        return ok({ ...opened, mediaType, byteSize, sha256 })
      }),
    'evidence.markViewed': (input) =>
      within((context) => {
        const result = markViewed(context, input)
        if (result.ok) {
          const file = findEvidenceFile(context, input.evidenceFileId)
          if (file.ok) parts.announce('batches.changed', { batchIds: [file.value.batchId] })
        }
        return result
      }),
    'evidence.photoFacts': (input) =>
      within((context, { files }) => readPhotoFacts(context, files, parts.hostileReader, input)),
    'evidence.table': (input) =>
      within((context, { files }) => readEvidenceTable(context, files, parts.hostileReader, input)),
    'grants.list': () => within((context) => listGrants(context)),
    'independence.declare': change(declareIndependence),
    'score.set': change(setScore),
    'finding.raise': change(raiseFinding),
    'finding.respond': change(respondToFinding),
    'finding.close': change(closeFinding),
    'finding.withdraw': change(withdrawFinding),
    'decision.record': changeMany(recordDecision),
    'decision.undo': changeMany(undoDecisions),
  }
}
