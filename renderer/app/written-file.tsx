import type { WrittenReport } from '../../shared/contract/views.ts'
import { Button } from '../ui/button.tsx'
import { Facts } from '../ui/facts.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import { HashText } from '../ui/hash-text.tsx'
import { Notice } from '../ui/notice.tsx'
import styles from './written-file.module.css'
import { Time } from './zone.tsx'

/** Says that a file was written, where, and what proves it. `counted` names its rows. */
export function WrittenFile({
  file,
  counted,
  onClose,
}: {
  readonly file: WrittenReport
  readonly counted: string
  readonly onClose: () => void
}) {
  return (
    <Notice
      tone="success"
      live
      title={`${file.fileName} is written`}
      action={
        <Button size="small" onClick={onClose}>
          Close
        </Button>
      }
    >
      <Facts
        rows={[
          [
            'File',
            <span key="path" className={styles.path}>
              {file.path}
            </span>,
          ],
          [counted, formatCount(file.rowCount)],
          ['SHA-256', <HashText key="hash" value={file.sha256} label="SHA-256" whole />],
          ['Size', formatBytes(file.byteSize)],
          ['Written', <Time key="time" instant={file.generatedAt} />],
        ]}
      />
    </Notice>
  )
}
