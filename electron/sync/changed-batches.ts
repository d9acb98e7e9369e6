/** Batches that a pull or push changed, to be announced after the commit. Beyond a number they are too many to name. */
export interface ChangedBatches {
  readonly add: (batchId: string) => void
  /** Everything may have changed. */
  readonly addAll: () => void
  /** What was collected since the last time: null for too many to name; undefined for nothing. */
  readonly take: () => readonly string[] | null | undefined
}

/** Asking again for everything is cheaper for a window than picking out more than this. */
const nameable = 500

/** An empty collection. */
export function collectChangedBatches(): ChangedBatches {
  let named = new Set<string>()
  let all = false
  return {
    add(batchId) {
      if (all) return
      named.add(batchId)
      if (named.size > nameable) all = true
    },
    addAll() {
      all = true
    },
    take() {
      if (!all && named.size === 0) return undefined
      const taken = all ? null : [...named]
      named = new Set()
      all = false
      return taken
    },
  }
}
