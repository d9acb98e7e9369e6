import type { DefectKind } from './plan/full-evidence-recipes.ts'

/** One thing that is wrong on purpose. */
export interface PlantedDefect {
  readonly kind: DefectKind
  readonly batchId: string
  readonly batchHash: string
  /** The file that shows it. */
  readonly fileId: string
  readonly fileTitle: string
  /** For duplicates: the batch and file that it collides with; null otherwise. */
  readonly otherBatchId: string | null
  readonly otherFileId: string | null
  /** What is wrong, in one plain sentence. */
  readonly description: string
}

/** What is in a seeded register, and what is wrong with it. */
export interface AnswerKey {
  readonly seed: number
  /** The instant that the register was made for. */
  readonly now: string
  readonly batchCount: number
  /** Batches with full evidence by key, in the order of the recipes. */
  readonly fullBatches: readonly {
    readonly key: string
    readonly batchId: string
    readonly batchHash: string
    readonly status: 'approved' | 'under_review'
    readonly deskVerifierEmail: string
    readonly auditorEmail: string | null
    readonly fileIds: readonly string[]
    readonly isClean: boolean
  }[]
  readonly defects: readonly PlantedDefect[]
  /** A clean batch that an auditor can take from first look to certificate. */
  readonly tour: { readonly batchId: string; readonly auditorEmail: string; readonly deskVerifierEmail: string }
}
