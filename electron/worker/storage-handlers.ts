import { ok } from '../../shared/result.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import { pinBatch } from '../evidence/pin-batch.ts'
import type { HandlersOf } from './handler-types.ts'
import { inWorkspace, type WorkerParts } from './worker-parts.ts'

/** The space that files take on this computer, and which of them stay. */
export function storageHandlers(parts: WorkerParts): HandlersOf<`storage.${string}`> {
  const within = inWorkspace(parts)
  return {
    'storage.state': () => within(async (_context, { engine }) => ok(await engine.storage())),
    'storage.setBudget': ({ bytes }) => within((_context, { engine }) => engine.setFileBudget(bytes)),
    'storage.pin': (input) =>
      within((context, { engine }) => {
        const changed = pinBatch(context, input)
        if (!changed.ok) return changed
        engine.filesWanted()
        parts.announce('batches.changed', { batchIds: [input.batchId] })
        return getBatchDetail(context, input)
      }),
  }
}
