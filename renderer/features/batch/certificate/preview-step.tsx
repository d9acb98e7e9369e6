import { lazy, Suspense, useEffect, useEffectEvent, useState } from 'react'
import type { OpenedEvidence, Statement } from '../../../../shared/contract/views.ts'
import type { AppError } from '../../../../shared/result.ts'
import { bridge } from '../../../bridge.ts'
import { Button } from '../../../ui/button.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { LoadingRows } from '../../../ui/loading-rows.tsx'
import { Notice } from '../../../ui/notice.tsx'
import styles from './certificate.module.css'

const PdfViewer = lazy(() => import('../viewers/pdf/pdf-viewer.tsx'))

/** The certificate as it will be signed, marked as a draft. */
export function PreviewStep({
  batchId,
  statement,
  changedMeanwhile,
  onSeen,
  onBackToChecks,
}: {
  readonly batchId: string
  readonly statement: Statement
  /** True when the batch changed after the preview was made. */
  readonly changedMeanwhile: boolean
  /** The preview of the batch as it is now has been asked for. */
  readonly onSeen: () => void
  readonly onBackToChecks: () => void
}) {
  const [preview, setPreview] = useState<OpenedEvidence | null>(null)
  const [error, setError] = useState<AppError | null>(null)
  const [attempt, setAttempt] = useState(0)
  const text = JSON.stringify(statement)
  const seen = useEffectEvent(() => onSeen())
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks for the same certificate again
  useEffect(() => {
    let left = false
    setPreview(null)
    setError(null)
    seen()
    bridge.invoke('certificate.preview', { batchId, statement: JSON.parse(text) as Statement }).then((result) => {
      if (left) return
      if (result.ok) setPreview(result.value)
      else setError(result.error)
    })
    return () => {
      left = true
    }
  }, [batchId, text, attempt])
  const retry = () => setAttempt(attempt + 1)
  return (
    <>
      {changedMeanwhile ? (
        <Notice
          tone="warning"
          live
          title="The batch changed after this preview was made"
          action={
            <Button size="small" onClick={retry}>
              Preview again
            </Button>
          }
        />
      ) : null}
      <div className={styles.document}>
        {error !== null ? (
          <>
            <ErrorState error={error} onRetry={retry} />
            {error.code === 'blocked' || error.code === 'stale' ? (
              <Button onClick={onBackToChecks}>Back to the checklist</Button>
            ) : null}
          </>
        ) : preview === null ? (
          <LoadingRows label="Making the certificate" />
        ) : (
          <Suspense fallback={<LoadingRows label="Making the certificate" />}>
            <PdfViewer
              key={preview.url}
              address={preview.url}
              byteSize={preview.byteSize}
              title="Preview of the certificate"
              heading={<strong>Draft, not signed</strong>}
            />
          </Suspense>
        )}
      </div>
    </>
  )
}
