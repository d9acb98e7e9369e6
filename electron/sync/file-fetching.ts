import type { SyncProgress } from '../../shared/domain/sync-state.ts'
import type { AppError } from '../../shared/result.ts'
import { storageFailure } from '../database/storage-error.ts'
import type { EvidenceFiles } from './evidence-files.ts'

/** Fetches missing files beside the runs of the engine, one fetch at a time. */
export interface FileFetching {
  readonly start: () => void
  /** Begins with what is needed first now, not with what was when the fetch under way began. */
  readonly startAgain: () => void
  readonly abort: () => void
  /** The fetch under way, or null. */
  readonly running: () => Promise<void> | null
  /** Notes how far the fetch under way is. */
  readonly noteProgress: (progress: SyncProgress) => void
  /** How far it is; null as soon as none is under way, or it is given up for good. */
  readonly progress: () => SyncProgress | null
  /** What stops the files; it stands until a fetch ends well, so that the next run does not wipe it away for a moment. */
  readonly problem: () => AppError | null
}

/** What the fetching is given: whether it may begin, and whom it tells. */
export interface FileFetchingOptions {
  readonly files: Pick<EvidenceFiles, 'prefetch'>
  readonly mayStart: () => boolean
  readonly onFailure: (error: AppError) => void
  readonly onEnded: () => void
}

const notBegun: SyncProgress = { phase: 'files', done: 0, total: null, label: 'Evidence' }

/** Makes the fetching of one engine. */
export function createFileFetching({ files, mayStart, onFailure, onEnded }: FileFetchingOptions): FileFetching {
  let running: Promise<void> | null = null
  let controller: AbortController | null = null
  let again = false
  let problem: AppError | null = null
  let progress = notBegun

  const start = () => {
    if (running !== null || !mayStart()) return
    controller = new AbortController()
    progress = notBegun
    running = files
      .prefetch(controller.signal)
      .then((result) => {
        if (!mayStart() || (!result.ok && result.error.code === 'cancelled')) return
        problem = result.ok ? null : result.error
        if (!result.ok) onFailure(result.error)
      })
      .catch((error: unknown) => {
        const failure = storageFailure(error)
        if (failure === null) throw error
        onFailure(failure)
      })
      .finally(() => {
        running = null
        controller = null
        if (again) {
          again = false
          start()
        }
        onEnded()
      })
  }

  return {
    start,
    startAgain() {
      if (running === null) return start()
      again = true
      controller?.abort()
    },
    abort() {
      again = false
      controller?.abort()
    },
    running: () => running,
    noteProgress(now) {
      progress = now
    },
    progress: () => (controller !== null && (again || !controller.signal.aborted) ? progress : null),
    problem: () => problem,
  }
}
