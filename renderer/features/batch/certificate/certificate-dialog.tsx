import { lazy, Suspense } from 'react'
import { useChannel } from '../../../app/use-channel.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { LoadingRows } from '../../../ui/loading-rows.tsx'
import styles from './certificate.module.css'

const PdfViewer = lazy(() => import('../viewers/pdf/pdf-viewer.tsx'))

/** Shows a signed certificate. */
export function CertificateDialog({
  certificateId,
  number,
  onClose,
}: {
  readonly certificateId: string
  readonly number: string
  readonly onClose: () => void
}) {
  const opened = useChannel('certificate.open', { certificateId })
  return (
    <Dialog open onClose={onClose} size="huge" title={`Certificate ${number}`}>
      <div className={styles.document}>
        {opened.error !== null ? (
          <ErrorState error={opened.error} onRetry={opened.refetch} />
        ) : opened.data === undefined ? (
          <LoadingRows label="Opening the certificate" />
        ) : (
          <Suspense fallback={<LoadingRows label="Opening the certificate" />}>
            <PdfViewer
              key={opened.data.sha256}
              address={opened.data.url}
              byteSize={opened.data.byteSize}
              title={`Certificate ${number}`}
            />
          </Suspense>
        )}
      </div>
    </Dialog>
  )
}
