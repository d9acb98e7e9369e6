import type { ChangeComparison, ComparedSide, KindCount } from '../../shared/contract/outbox-views.ts'
import type { MutationKind, OutboxItem, OutboxState } from '../../shared/domain/sync-state.ts'
import { previewNow } from './fake-batches.ts'

const me = '5a1c0f9e-2f64-4c1e-9d0a-8a7f5f0c1b11'
const other = '7d2f10aa-0c55-4f7e-a3cf-1f1b8a9c0d33'
const ago = (minutes: number): string => new Date(previewNow - minutes * 60_000).toISOString()

const base: ComparedSide = {
  standard: 'PCX',
  status: 'under_review',
  tons_or_kwh: '412.50',
  location: 'Bandung, Indonesia',
  date_submitted: '2026-10-02',
  description: 'Sorted PET and HDPE from three banks, lot 114',
  verification_score: null,
  risk_score: 34,
  content_hash: 'a1'.repeat(32),
  updated_at: ago(2900),
  version: 4,
}

const mine: ComparedSide = {
  ...base,
  action: 'approve',
  reason: 'Evidence complete and consistent',
  status: 'approved',
  verification_score: '4.12',
  actor_id: me,
  decided_at: ago(10),
}

const theirs: ComparedSide = {
  ...base,
  action: 'request_changes',
  reason: 'Calibration missing or expired',
  status: 'changes_requested',
  tons_or_kwh: '398.75',
  risk_score: 61,
  content_hash: 'b2'.repeat(32),
  actor_id: other,
  decided_at: ago(25),
  updated_at: ago(25),
  version: 6,
}

/** The comparison of a made-up change: one in conflict on changed content, a refused one without a row of the cloud. */
export function fakeComparison(item: OutboxItem): ChangeComparison {
  const conflict = item.state === 'conflict'
  return {
    item,
    base,
    mine,
    theirs: item.state === 'rejected' ? null : conflict ? theirs : mine,
    names: { [me]: 'Rina Hartono', [other]: 'Nadia Benali' },
    personId: me,
    contentChanged: conflict,
    notKept: conflict
      ? {
          code: 'stale',
          message: 'The batch, its evidence or its rubric changed after this was decided.',
          action: 'Look at what changed, give this decision up, and decide again.',
        }
      : null,
    notReopened: null,
    replaces: null,
    replacedBy: null,
  }
}

/** How many of these changes are in these states, by kind. */
export function fakeKinds(outbox: readonly OutboxItem[], states: readonly OutboxState[]): readonly KindCount[] {
  const counts = new Map<MutationKind, number>()
  for (const { kind, state } of outbox) {
    if (states.includes(state)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => ({ kind, count }))
}
