import type { WorkspaceDatabase } from '../../database/database.ts'
import type { ChangeDraft } from '../../outbox/enqueue-mutation.ts'
import { newId } from '../../platform/identifiers.ts'

/** A score of three points for the first criterion, as the use case would make it; another row each time. */
export function scoreDraft(
  database: WorkspaceDatabase,
  batchId: string,
  changes: {
    readonly criterion?: string
    readonly points?: number
    readonly note?: string
    readonly rowId?: string
  } = {},
): ChangeDraft<'score.set'> {
  const rubric = database.read.first(database.build.selectFrom('rubric').select('id'))
  if (rubric === undefined) throw new Error('The fixture has a rubric')
  const rowId = changes.rowId ?? newId()
  return {
    kind: 'score.set',
    rowId,
    batchId,
    baseVersion: 0,
    contentHash: null,
    payload: {
      rubric_id: rubric.id,
      criterion_code: changes.criterion ?? 'E-01',
      points: changes.points ?? 3,
      not_applicable_reason: null,
      note: changes.note ?? '',
      evidence_ids: [],
    },
    summary: 'Score E-01: 3',
    base: null,
    holdSeconds: 0,
    pendingRows: [],
  }
}
