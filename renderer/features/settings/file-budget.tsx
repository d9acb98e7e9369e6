import { useState } from 'react'
import type { StorageState } from '../../../shared/contract/views.ts'
import { useCall } from '../../app/use-call.ts'
import { useChannel, usePutAnswer } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatBytes, formatNoun } from '../../ui/format.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { bytesOfGigabytes, gigabytesOfBytes } from './gigabytes.ts'
import styles from './settings.module.css'

/** How much space evidence and certificates take on this computer, and may take. */
export function FileBudget() {
  const storage = useChannel('storage.state', {})
  if (storage.error !== null) return <ErrorState error={storage.error} onRetry={storage.refetch} />
  if (storage.data === undefined) return <LoadingRows count={3} />
  return <Budget key={gigabytesOfBytes(storage.data.budgetBytes)} storage={storage.data} />
}

function Budget({ storage }: { readonly storage: StorageState }) {
  const { usedBytes, budgetBytes, budgetChosen, keptBytes, freeBytes, pinnedBatches, problem } = storage
  const set = useCall('storage.setBudget')
  const put = usePutAnswer()
  const [text, setText] = useState(gigabytesOfBytes(budgetBytes))
  const bytes = bytesOfGigabytes(text)
  const changed = text !== gigabytesOfBytes(budgetBytes)
  const save = async () => {
    if (bytes === null || !changed) return
    const result = await set.run({ bytes })
    if (result.ok) put('storage.state', {}, result.value)
  }
  return (
    <>
      <div className={styles.row}>
        <div>
          <div className={styles.label}>Limit for files</div>
          <div className={styles.hint}>
            Evidence that is due first is kept here. Beyond the limit, what was used longest ago makes room; nothing
            unsent, pinned or under way does.
          </div>
        </div>
        <form
          className={styles.budget}
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <div className={styles.number}>
            <TextField
              label="Limit in gigabytes"
              labelHidden
              inputMode="decimal"
              value={text}
              error={bytes === null ? 'A number, such as 10' : null}
              after={<span>GB</span>}
              onChange={(event) => {
                set.forgetError()
                setText(event.target.value)
              }}
            />
          </div>
          <Button type="submit" busy={set.busy} disabled={!changed || bytes === null}>
            Set
          </Button>
        </form>
      </div>
      {set.error === null ? null : <ErrorNotice error={set.error} />}
      {problem === null ? null : (
        <Notice tone="warning" title={problem.message}>
          {problem.action}
        </Notice>
      )}
      <Facts
        rows={[
          [
            'Used',
            `${formatBytes(usedBytes)} of ${formatBytes(budgetBytes)}${budgetChosen ? '' : ', the program’s own limit'}`,
          ],
          ['Never removed', formatBytes(keptBytes)],
          ['Pinned', pinnedBatches === 0 ? null : formatNoun(pinnedBatches, 'batch', 'batches')],
          ['Free on the disk', freeBytes === null ? null : formatBytes(freeBytes)],
        ]}
      />
    </>
  )
}
