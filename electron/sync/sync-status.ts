import type { Instant } from '../../shared/domain/ids.ts'
import {
  type ConnectionState,
  type OfflineReason,
  outboxStates,
  type SyncProgress,
  type SyncState,
} from '../../shared/domain/sync-state.ts'
import type { AppError } from '../../shared/result.ts'

/** The state of synchronization as the window sees it, told on no oftener than the window can paint. */
export interface SyncStatus {
  readonly read: () => SyncState
  readonly set: (values: Partial<SyncState>) => void
  readonly progress: (progress: SyncProgress | null) => void
  readonly connection: (state: NewConnection) => void
  readonly failure: (error: AppError | null) => void
  /** Tells now what was held back. */
  readonly flush: () => void
  readonly close: () => void
}

/** A connection state before it has its beginning; the same state again keeps the old one. */
export type NewConnection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online' }
  | { readonly kind: 'offline'; readonly reason: OfflineReason }
  | { readonly kind: 'switched_off' }

/** Progress faster than this is not seen by anybody. */
const tellEveryMilliseconds = 100

const noCounts = Object.fromEntries(outboxStates.map((state) => [state, 0])) as SyncState['counts']

/** What the status is made of: the beginning, the clock, and whom to tell. */
export interface SyncStatusOptions {
  readonly initial: Partial<SyncState>
  readonly now: () => Instant
  readonly tell: (state: SyncState) => void
}

/** Keeps the state. */
export function createSyncStatus({ initial, now, tell }: SyncStatusOptions): SyncStatus {
  let state: SyncState = {
    connection: { kind: 'connecting', since: now() },
    progress: null,
    pausedSince: null,
    lastPulledAt: null,
    lastPushedAt: null,
    retryAt: null,
    lastError: null,
    counts: noCounts,
    files: { present: 0, total: 0 },
    feedStalledSince: null,
    lastCheck: null,
    clockOffsetMilliseconds: null,
    ...initial,
  }
  let timer: NodeJS.Timeout | null = null
  let toldAt = 0

  const flush = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    toldAt = performance.now()
    tell(state)
  }
  const tellSoon = () => {
    if (timer !== null) return
    timer = setTimeout(flush, Math.max(0, toldAt + tellEveryMilliseconds - performance.now()))
    timer.unref()
  }
  const set = (values: Partial<SyncState>) => {
    state = { ...state, ...values }
    tellSoon()
  }

  return {
    read: () => state,
    set,
    progress: (progress) => set({ progress }),
    connection(next) {
      const before = state.connection
      if (
        before.kind === next.kind &&
        (next.kind !== 'offline' || ('reason' in before && before.reason === next.reason))
      )
        return
      const connection: ConnectionState = { ...next, since: now() }
      set({ connection })
    },
    failure: (error) =>
      set({
        lastError: error === null ? null : { code: error.code, message: error.message, action: error.action ?? null },
      }),
    flush,
    close() {
      if (timer !== null) clearTimeout(timer)
      timer = null
    },
  }
}
