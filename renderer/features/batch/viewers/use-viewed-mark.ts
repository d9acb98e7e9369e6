import { useCallback, useEffect } from 'react'
import type { EvidenceView } from '../../../../shared/contract/views.ts'
import type { AppError } from '../../../../shared/result.ts'
import { useRefresh } from '../../../app/use-channel.ts'
import { bridge } from '../../../bridge.ts'

/** How long a file is in sight before it counts as viewed by itself. */
export const viewedAfterMilliseconds = 1000

/**
 * Marks the bytes in sight as viewed: by itself once they were in sight for a second, or at once by the answered function.
 * `sha256` is that of the opened bytes; null while nothing is in sight.
 */
export function useViewedMark(
  file: EvidenceView,
  sha256: string | null,
  countsByItself: boolean,
): () => Promise<AppError | null> {
  const refresh = useRefresh()
  const mark = useCallback(async (): Promise<AppError | null> => {
    if (sha256 === null)
      return {
        code: 'blocked',
        message: 'The file is not in sight yet, so it cannot be marked as viewed.',
        action: 'Open it with Enter and wait until it is shown.',
      }
    const result = await bridge.invoke('evidence.markViewed', { evidenceFileId: file.id, sha256 })
    if (!result.ok) return result.error
    refresh('batch.get', 'batch.rows')
    return null
  }, [file.id, sha256, refresh])

  const unviewed = file.viewedAt === null
  useEffect(() => {
    if (sha256 === null || !unviewed || !countsByItself) return
    const timer = setTimeout(() => void mark(), viewedAfterMilliseconds)
    return () => clearTimeout(timer)
  }, [sha256, unviewed, countsByItself, mark])
  return mark
}
