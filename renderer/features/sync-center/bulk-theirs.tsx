import { useState } from 'react'
import type { KindCount } from '../../../shared/contract/outbox-views.ts'
import type { OutboxState } from '../../../shared/domain/sync-state.ts'
import type { AppError } from '../../../shared/result.ts'
import { useChannel } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { formatCount } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { kindWords } from './compared-fields.ts'
import styles from './sync-center.module.css'
import { useSettle } from './use-settle.ts'

/** Offers to give all changes of a kind up at once where there are several; asks once, naming how many. */
export function BulkTheirs({ states }: { readonly states: readonly OutboxState[] }) {
  const kinds = useChannel('outbox.kinds', { states: [...states] })
  const settle = useSettle()
  const [asked, setAsked] = useState<KindCount | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  const many = (kinds.data ?? []).filter(({ count }) => count > 1)
  const name = ({ kind, count }: KindCount) => `${formatCount(count)} ${kindWords[kind][1]}`
  const takeAll = async (wanted: KindCount) => {
    setBusy(true)
    setError(
      await settle.takeAll(
        { states: [...states], kind: wanted.kind, expected: wanted.count },
        `Took the cloud’s version for ${name(wanted)}`,
      ),
    )
    setBusy(false)
    setAsked(null)
  }
  if (many.length === 0 && error === null) return null
  return (
    <div className={styles.bulk}>
      {many.map((each) => (
        <Button key={each.kind} size="small" onClick={() => setAsked(each)}>
          Take theirs for all {name(each)}
        </Button>
      ))}
      {error === null ? null : <ErrorNotice error={error} />}
      <ConfirmDialog
        open={asked !== null}
        title={asked === null ? '' : `Take the cloud’s version for all ${name(asked)}?`}
        description="None of them is sent, nor what builds on them. All stay readable under Taken back, and can be taken up again until something new is made in their place."
        confirmLabel={asked === null ? '' : `Take theirs for ${name(asked)}`}
        busy={busy}
        onConfirm={() => {
          if (asked !== null) void takeAll(asked)
        }}
        onClose={() => setAsked(null)}
      />
    </div>
  )
}
