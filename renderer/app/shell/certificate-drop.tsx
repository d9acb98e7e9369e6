import { ShieldQuestionMark } from 'lucide-react'
import { Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { outboxFileExtension } from '../../../shared/domain/outbox-file.ts'
import type { VerificationReport } from '../../../shared/domain/verification-report.ts'
import type { AppError } from '../../../shared/result.ts'
import { bridge } from '../../bridge.ts'
import { VerificationView } from '../../features/verify/verification-view.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { useKeys } from '../keymap/keymap.tsx'
import styles from './certificate-drop.module.css'
import { SubmitDialog } from './screens.ts'

type Check =
  | { readonly kind: 'running'; readonly fileName: string }
  | { readonly kind: 'done'; readonly fileName: string; readonly report: VerificationReport }
  | { readonly kind: 'failed'; readonly fileName: string; readonly error: AppError }

/** Larger files are no certificates; reading them would only fill the memory. */
const largestBytes = 50_000_000

async function checkFile(file: File): Promise<Check> {
  const fileName = file.name
  if (file.size > largestBytes)
    return {
      kind: 'failed',
      fileName,
      error: {
        code: 'file_too_large',
        message: 'This file is too large for a certificate.',
        action: 'Drop one certificate PDF.',
      },
    }
  const bytes = new Uint8Array(await file.arrayBuffer())
  const result = await bridge.invoke('certificate.verify', { fileName, bytes })
  return result.ok
    ? { kind: 'done', fileName, report: result.value }
    : { kind: 'failed', fileName, error: result.error }
}

const isPdf = (file: File): boolean => file.type === 'application/pdf' || file.name.toLowerCase().endsWith('.pdf')

/** Takes a file that is dropped anywhere on the window: a certificate is checked, an outbox file is shown to be submitted. */
export function CertificateDrop() {
  const [over, setOver] = useState(false)
  const [check, setCheck] = useState<Check | null>(null)
  const [outbox, setOutbox] = useState<File | null>(null)
  const chooser = useRef<HTMLInputElement>(null)

  const start = useCallback(async (file: File) => {
    if (file.name.toLowerCase().endsWith(outboxFileExtension)) {
      setOutbox(file)
      return
    }
    setCheck({ kind: 'running', fileName: file.name })
    setCheck(
      isPdf(file)
        ? await checkFile(file)
        : {
            kind: 'failed',
            fileName: file.name,
            error: {
              code: 'file_unreadable',
              message: 'This is neither a PDF nor an outbox file.',
              action: 'Drop a certificate as a PDF file, or a file of unsent changes as it was handed over.',
            },
          },
    )
  }, [])

  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(false)
      const file = event.dataTransfer?.files[0]
      if (file !== undefined) void start(file)
    }
    window.addEventListener('dragover', onOver)
    window.addEventListener('dragleave', onLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onOver)
      window.removeEventListener('dragleave', onLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [start])

  useKeys(
    [
      {
        keys: 'Ctrl+Shift+V',
        label: 'Verify a certificate file',
        group: 'Everywhere',
        run: () => chooser.current?.click(),
      },
    ],
    'global',
  )
  return (
    <>
      <input
        ref={chooser}
        type="file"
        accept="application/pdf,.pdf"
        aria-label="Certificate to verify"
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file !== undefined) void start(file)
        }}
      />
      {over ? (
        <div className={styles.overlay}>
          <div className={styles.words}>
            <ShieldQuestionMark size={32} />
            <div className={styles.title}>Drop a certificate to verify it</div>
            <div className={styles.text}>
              The file is checked on this computer and goes nowhere. A file of unsent changes is shown before it is
              submitted.
            </div>
          </div>
        </div>
      ) : null}
      {outbox === null ? null : (
        <Suspense fallback={null}>
          <SubmitDialog file={outbox} onClose={() => setOutbox(null)} />
        </Suspense>
      )}
      <Dialog open={check !== null} onClose={() => setCheck(null)} title={check?.fileName ?? 'Certificate'} size="wide">
        {check === null ? null : check.kind === 'running' ? (
          <div className={styles.busy}>
            <ProgressBar label="Checking signatures" done={0} total={null} />
          </div>
        ) : check.kind === 'failed' ? (
          <ErrorState error={check.error} />
        ) : (
          <VerificationView report={check.report} />
        )}
      </Dialog>
    </>
  )
}
