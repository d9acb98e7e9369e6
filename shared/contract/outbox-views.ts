import type { MutationKind, OutboxItem } from '../domain/sync-state.ts'
import type { AppError } from '../result.ts'

/** One side of a comparison: fields in the cloud's names, of the row and of who did what last to it. */
export type ComparedSide = Readonly<Record<string, unknown>>

/** A change beside what it was based on and what the cloud has. */
export interface ChangeComparison {
  readonly item: OutboxItem
  /** Null where there was no such row. */
  readonly base: ComparedSide | null
  readonly mine: ComparedSide
  /** The newest that the cloud has shown of the row; null where it has shown none, or shows it no longer. */
  readonly theirs: ComparedSide | null
  /** Names of the people on any side, by id. */
  readonly names: Readonly<Record<string, string>>
  /** Whose the workspace is. */
  readonly personId: string
  /** True when the content that a decision is bound to is no longer what the cloud has. */
  readonly contentChanged: boolean
  /** Why mine cannot be sent again as it is; null when it can. */
  readonly notKept: AppError | null
  /** Why a given-up change cannot be taken up again; null when it can. */
  readonly notReopened: AppError | null
  /** The change that this one was made anew from, and the one that was made anew from it. */
  readonly replaces: string | null
  readonly replacedBy: string | null
}

/** How many changes of one kind there are. */
export interface KindCount {
  readonly kind: MutationKind
  readonly count: number
}

/** What came of resolving many changes. */
export interface ManyResolved {
  readonly mutationIds: readonly string[]
  readonly batchIds: readonly string[]
  readonly refused: readonly AppError[]
}

/** A batch that is no longer this person's and is kept for the work on it. */
export interface QuarantinedBatch {
  readonly batchId: string
  readonly batchHash: string
  readonly projectName: string
  readonly since: string
  /** Changes whose fate is open. */
  readonly changes: number
}
