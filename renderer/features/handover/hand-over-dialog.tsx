import { useState } from 'react'
import type { HandoverOutlook, WrittenHandover } from '../../../shared/contract/handover-views.ts'
import { useCall } from '../../app/use-call.ts'
import { useChannel, useRefresh } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatBytes, formatNoun } from '../../ui/format.ts'
import { HashText } from '../../ui/hash-text.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import styles from './handover.module.css'

/** Writes unsent changes to a file, after saying what that means and who can read it. */
export function HandOverDialog({ onClose }: { readonly onClose: () => void }) {
  const outlook = useChannel('handover.outlook', {})
  const write = useCall('handover.write')
  const refresh = useRefresh()
  const [onlyNew, setOnlyNew] = useState(false)
  const [written, setWritten] = useState<WrittenHandover | null>(null)
  const { data } = outlook
  const ready = data !== undefined && data.problem === null && data.unsent > 0
  const start = async () => {
    const result = await write.run({ onlyNew })
    if (!result.ok || result.value === null) return
    setWritten(result.value)
    refresh('handover.outlook', 'outbox.list', 'sync.state')
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={written === null ? 'Hand over unsent changes' : 'The file is written'}
      footer={
        written === null && ready ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button variant="primary" busy={write.busy} onClick={() => void start()}>
              Write file…
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>Close</Button>
        )
      }
    >
      {written !== null ? (
        <Written written={written} />
      ) : outlook.error !== null ? (
        <ErrorState error={outlook.error} onRetry={outlook.refetch} />
      ) : data === undefined ? (
        <LoadingRows count={3} />
      ) : data.unsent === 0 ? (
        <EmptyState title="Nothing waits to be sent">
          {data.waiting === 0
            ? 'The cloud has all of your work.'
            : 'What is left waits for a conflict: settle that first, under Conflict.'}
        </EmptyState>
      ) : data.problem !== null ? (
        <ErrorState error={data.problem} />
      ) : (
        <Outlook outlook={data} onlyNew={onlyNew} onOnlyNew={setOnlyNew} />
      )}
      {write.error === null || written !== null ? null : <ErrorNotice error={write.error} />}
    </Dialog>
  )
}

function Outlook({
  outlook,
  onlyNew,
  onOnlyNew,
}: {
  readonly outlook: HandoverOutlook
  readonly onlyNew: boolean
  readonly onOnlyNew: (onlyNew: boolean) => void
}) {
  const { unsent, handedOver, held, waiting } = outlook
  return (
    <div className={styles.stack}>
      <p>
        {formatNoun(unsent, 'change')} can go into a file that this computer signs. Carry it to another workstation
        where you are signed in, or give it to the compliance desk: they submit it in your name.
      </p>
      <p className={styles.muted}>
        Everything stays in the outbox here. If this computer gets a network after all, the cloud knows each change and
        counts it once.
      </p>
      <Notice tone="warning" title="Whoever has the file can read it">
        It is signed, so nobody can alter it, but it is not encrypted: your decisions and reasons are in it as plain
        text.
      </Notice>
      {held === 0 ? null : (
        <Notice title={`${formatNoun(held, 'decision')} can still be undone`}>
          What is in the file cannot be taken back here: somebody else may have submitted it.
        </Notice>
      )}
      {waiting === 0 ? null : (
        <p className={styles.muted}>
          {formatNoun(waiting, 'change')} more {waiting === 1 ? 'waits' : 'wait'} for a conflict and{' '}
          {waiting === 1 ? 'stays' : 'stay'} here until you have settled it.
        </p>
      )}
      {handedOver === 0 || handedOver === unsent ? null : (
        <Checkbox
          label={`Only the ${formatNoun(unsent - handedOver, 'change')} that no earlier file holds`}
          hint="Leave this off if an earlier file may be lost."
          checked={onlyNew}
          onChange={onOnlyNew}
        />
      )}
    </div>
  )
}

function Written({ written }: { readonly written: WrittenHandover }) {
  const { left, missingFiles } = written
  return (
    <div className={styles.stack}>
      <Facts
        rows={[
          ['File', written.path],
          ['Holds', `${formatNoun(written.changes, 'change')}, ${formatBytes(written.byteSize)}`],
          ['Certificates', written.certificates === 0 ? null : String(written.certificates)],
          ['Fingerprint', <HashText key="fingerprint" value={written.fingerprint} label="fingerprint" whole />],
        ]}
      />
      <p className={styles.muted}>
        Whoever submits the file sees the same fingerprint: read it to each other, and it is this file.
      </p>
      {left === 0 ? null : (
        <Notice tone="warning" title={`${formatNoun(left, 'change')} did not fit`}>
          Hand over once more, and tick that only what no earlier file holds is written.
        </Notice>
      )}
      {missingFiles === 0 ? null : (
        <Notice tone="warning" title={`${formatNoun(missingFiles, 'certificate')} without its PDF`}>
          The PDF could not be read on this computer. It is sent when this computer connects, or sign again.
        </Notice>
      )}
    </div>
  )
}
