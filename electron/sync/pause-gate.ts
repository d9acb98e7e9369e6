import type { ExchangeKind } from '../../shared/domain/sync-journal.ts'
import type { RunJournal } from './run-journal.ts'

/** Where a run waits while the person has paused it. */
export interface PauseGate {
  readonly closed: () => boolean
  readonly close: () => void
  /** Lets whoever waits go on. */
  readonly open: () => void
  /** What is exchanged at the moment; null between two exchanges. */
  readonly underWay: () => ExchangeKind | null
  /** The journal, each exchange of which waits for the gate before it begins. What was asked before comes to its end. */
  readonly before: (journal: RunJournal) => RunJournal
}

/**
 * Makes an open gate. Between two exchanges is where a run can stand still for as long as anybody likes: what came is written, what
 * went out is settled, and no connection is held.
 */
export function createPauseGate(): PauseGate {
  let closed: { readonly opened: Promise<void>; readonly open: () => void } | null = null
  let underWay: ExchangeKind | null = null
  return {
    closed: () => closed !== null,
    close() {
      if (closed !== null) return
      const { promise, resolve } = Promise.withResolvers<void>()
      closed = { opened: promise, open: resolve }
    },
    open() {
      closed?.open()
      closed = null
    },
    underWay: () => underWay,
    before: (journal) => ({
      ...journal,
      async measure(subject, call, count) {
        // Once more where it was closed again meanwhile.
        while (closed !== null) await closed.opened
        underWay = subject.kind
        try {
          return await journal.measure(subject, call, count)
        } finally {
          underWay = null
        }
      },
    }),
  }
}
