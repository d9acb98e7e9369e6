import type { ManyResolved } from '../../shared/contract/outbox-views.ts'
import type { WrittenReport } from '../../shared/contract/views.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { compareChange } from '../outbox/compare-change.ts'
import { listOutbox } from '../outbox/list-outbox.ts'
import { reopenChanges } from '../outbox/reopen-changes.ts'
import { resolveOutboxItem } from '../outbox/resolve-outbox-item.ts'
import { countKinds, takeAllTheirs } from '../outbox/take-all-theirs.ts'
import { findToDecideAgain } from '../outbox/to-decide-again.ts'
import { changesFileName, writeChanges } from '../reports/write-changes.ts'
import type { HandlersOf } from './handler-types.ts'
import { afterChange, inWorkspace, type WorkerParts } from './worker-parts.ts'

/** Local changes: what became of them, and what the person does about it. */
export function outboxHandlers(parts: WorkerParts): HandlersOf<`outbox.${string}`> {
  const within = inWorkspace(parts)
  const resolveMany =
    <Input>(work: (context: CaseContext, input: Input) => Result<ManyResolved>) =>
    (input: Input) =>
      within((context, workspace) => {
        const result = work(context, input)
        if (result.ok) afterChange(parts, workspace, result.value.batchIds)
        return result
      })
  return {
    'outbox.list': (input) => within((context) => listOutbox(context, input)),
    'outbox.resolve': (input) =>
      within((context, workspace) => {
        const result = resolveOutboxItem(context, input)
        if (result.ok) afterChange(parts, workspace, [result.value.batchId])
        return result
      }),
    'outbox.compare': (input) => within((context) => compareChange(context, input)),
    'outbox.kinds': (input) => within((context) => countKinds(context, input)),
    'outbox.takeAllTheirs': resolveMany(takeAllTheirs),
    'outbox.reopen': resolveMany(reopenChanges),
    'outbox.toDecideAgain': (input) => within((context) => findToDecideAgain(context, input)),
    'outbox.export': (input) =>
      within<WrittenReport | null>(async (context) => {
        const path = await parts.main('chooseSavePath', {
          fileName: changesFileName(context.clock.now(), input.format),
          title: 'Save changes',
        })
        return path === null ? ok(null) : writeChanges(context, input, path)
      }),
  }
}
