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
  /** Whether files are still to come: false as soon as the fetch under way is given up for good. */
  readonly goesOn: () => boolean
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

/** Makes the fetching of one engine. */
export function createFileFetching({ files, mayStart, onFailure, onEnded }: FileFetchingOptions): FileFetching {
  let running: Promise<void> | null = null
  let controller: AbortController | null = null
  let again = false
  let problem: AppError | null = null

  const start = () => {
    if (running !== null || !mayStart()) return
    controller = new AbortController()
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
    goesOn: () => controller !== null && (again || !controller.signal.aborted),
    problem: () => problem,
  }
}
