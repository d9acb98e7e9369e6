import { useCallback } from 'react'
import type { BatchDetail } from '../../../shared/contract/views.ts'
import { useChannel, usePutAnswer, useRefresh } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import styles from './batch.module.css'
import { BatchDesk } from './batch-desk.tsx'
import { useKeptDraft } from './use-kept-draft.ts'

/** One batch at the auditor's desk: evidence, viewers, rubric, findings, decision and certificate. */
export function BatchScreen({ batchId, onBack }: { readonly batchId: string; readonly onBack: () => void }) {
  const session = useChannel('session.state', {})
  const detail = useChannel('batch.get', { batchId })
  const kept = useKeptDraft(`batch.${batchId}.view`)
  const put = usePutAnswer()
  const refresh = useRefresh()
  const putDetail = useCallback(
    (next: BatchDetail) => {
      put('batch.get', { batchId }, next)
      refresh('batch.rows')
    },
    [put, refresh, batchId],
  )
  const person = session.data?.kind === 'signed_in' ? session.data.person : null

  // An answer that is here stays in sight when a later one fails; the failure is shown above it.
  if (detail.data === undefined && detail.error !== null)
    return (
      <div className={styles.screen}>
        <div className={styles.lonelyBack}>
          <Button onClick={onBack} keys="Alt+Left">
            Back
          </Button>
        </div>
        <ErrorState error={detail.error} onRetry={detail.refetch} />
      </div>
    )
  if (detail.data === undefined || person === null || kept.body === undefined)
    return <LoadingRows label="Opening the batch" />
  return (
    <BatchDesk
      detail={detail.data}
      problem={detail.error}
      person={person}
      keptView={kept.body}
      onKeepView={kept.save}
      putDetail={putDetail}
      onBack={onBack}
    />
  )
}
