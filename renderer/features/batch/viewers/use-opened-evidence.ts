import { useCallback, useEffect, useEffectEvent, useState } from 'react'
import type { EvidenceView, OpenedEvidence } from '../../../../shared/contract/views.ts'
import type { AppError } from '../../../../shared/result.ts'
import { useRefresh } from '../../../app/use-channel.ts'
import { bridge } from '../../../bridge.ts'

/** A file on its way to the viewer, there, or failed. */
export type EvidenceOpening =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly opened: OpenedEvidence }
  | { readonly kind: 'failed'; readonly error: AppError }

/** Opens an evidence file; brings it here over the network where need be. A file that arrives later is opened by itself. */
export function useOpenedEvidence(file: EvidenceView): {
  readonly opening: EvidenceOpening
  readonly retry: () => void
} {
  const { id, sha256, presence } = file
  const [opening, setOpening] = useState<EvidenceOpening>({ kind: 'opening' })
  const [attempt, setAttempt] = useState(0)
  const refresh = useRefresh()
  const retry = useCallback(() => setAttempt((count) => count + 1), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt, and other bytes, open the file anew
  useEffect(() => {
    let left = false
    setOpening({ kind: 'opening' })
    bridge.invoke('evidence.open', { evidenceFileId: id }).then((result) => {
      if (left) return
      setOpening(result.ok ? { kind: 'open', opened: result.value } : { kind: 'failed', error: result.error })
      // Opening may have brought the file here, or shown that it is not what it should be.
      if (presence !== 'present' || !result.ok) refresh('batch.get')
    })
    return () => {
      left = true
    }
  }, [id, sha256, attempt])

  // A file that arrives while its failure is shown is opened by itself; one that was here and failed waits for the person.
  const onArrival = useEffectEvent(() => {
    if (opening.kind === 'failed') retry()
  })
  useEffect(() => {
    if (presence === 'present') onArrival()
  }, [presence])
  return { opening, retry }
}
