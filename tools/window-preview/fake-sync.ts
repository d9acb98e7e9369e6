import type { StorageState } from '../../shared/contract/views.ts'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import { previewNow } from './fake-batches.ts'
import { fakeCheck } from './fake-sync-log.ts'

const counts = {
  held: 1,
  queued: 6,
  sending: 0,
  applied: 14,
  conflict: 2,
  rejected: 1,
  waiting: 1,
  undone: 1,
  superseded: 1,
}
const nothing = Object.fromEntries(Object.keys(counts).map((state) => [state, 0])) as typeof counts

/** How synchronization stands in a scenario of the preview. */
export const fakeSync = (scenario: string): SyncState => ({
  connection:
    scenario === 'offline'
      ? { kind: 'offline', since: new Date(previewNow - 5_400_000).toISOString(), reason: 'no_network' }
      : scenario === 'expired'
        ? { kind: 'offline', since: new Date(previewNow - 5_400_000).toISOString(), reason: 'session_expired' }
        : { kind: 'online', since: new Date(previewNow - 5_400_000).toISOString() },
  progress:
    scenario === 'mirroring' || scenario === 'empty-mirroring' || scenario === 'paused'
      ? { phase: 'bootstrap', done: 1240, total: 2000, label: 'Copying batches' }
      : null,
  pausedSince: scenario === 'paused' ? new Date(previewNow - 300_000).toISOString() : null,
  lastPulledAt:
    scenario === 'empty' ? null : new Date(Date.now() - (scenario === 'stale' ? 11_400_000 : 240_000)).toISOString(),
  lastPushedAt: new Date(Date.now() - 840_000).toISOString(),
  retryAt: null,
  lastError:
    scenario === 'offline'
      ? { code: 'offline', message: 'There is no network.', action: 'Go on working; it is tried again by itself.' }
      : null,
  counts: scenario === 'empty' ? nothing : counts,
  files: { present: 171, total: 214 },
  feedStalledSince: null,
  lastCheck: scenario === 'empty' ? null : fakeCheck,
  clockOffsetMilliseconds: scenario === 'offline' ? 31_536_000_000 : 120,
})

const missing = [
  { why: 'pinned', dueOn: null, files: 2, bytes: 48_000_000 },
  { why: 'due', dueOn: '2026-11-24', files: 11, bytes: 310_000_000 },
  { why: 'due', dueOn: '2026-11-25', files: 9, bytes: 122_000_000 },
  { why: 'due', dueOn: '2026-12-01', files: 14, bytes: 96_000_000 },
  { why: 'due', dueOn: '2026-12-03', files: 4, bytes: 31_000_000 },
  { why: 'no_due_date', dueOn: null, files: 3, bytes: 12_000_000 },
] as const

/** How much space files take in a scenario of the preview. */
export const fakeStorage = (scenario: string): StorageState => ({
  usedBytes: scenario === 'empty' ? 0 : 9_820_000_000,
  budgetBytes: 10_000_000_000,
  budgetChosen: false,
  keptBytes: scenario === 'empty' ? 0 : 378_000_000,
  freeBytes: 84_000_000_000,
  pinnedBatches: scenario === 'empty' ? 0 : 3,
  missing: scenario === 'empty' ? [] : missing,
  problem:
    scenario === 'offline'
      ? {
          code: 'blocked',
          message: '32 files do not fit into the space for evidence (0.62 GB more).',
          action: 'Choose a larger limit in Settings, or unpin a batch.',
        }
      : null,
})
