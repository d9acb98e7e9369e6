import { useCallback } from 'react'
import type { BatchDetail } from '../../../shared/contract/views.ts'
import { useToast } from '../../app/toasts.tsx'
import { useCall } from '../../app/use-call.ts'

/** Pins the batch to this computer or lets it go, and says what that means. */
export function usePin(detail: BatchDetail, putDetail: (detail: BatchDetail) => void): () => void {
  const { run } = useCall('storage.pin')
  const say = useToast()
  const { pinned } = detail
  const batchId = detail.batch.id
  return useCallback(() => {
    void run({ batchId, pinned: !pinned }).then((result) => {
      if (!result.ok)
        say({ text: result.error.message, ...(result.error.action ? { detail: result.error.action } : {}) })
      else {
        putDetail(result.value)
        say(
          result.value.pinned
            ? { text: 'Pinned', detail: 'All evidence is brought here first and stays on this computer.' }
            : { text: 'Not pinned any more', detail: 'The evidence may leave when the space is needed.' },
        )
      }
    })
  }, [run, say, putDetail, batchId, pinned])
}
