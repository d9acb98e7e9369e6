import { useState } from 'react'
import type { ChangeComparison } from '../../../shared/contract/outbox-views.ts'
import type { AppError } from '../../../shared/result.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import styles from './comparison.module.css'
import { quarantineAdvice } from './quarantine-panel.tsx'
import { useSettle } from './use-settle.ts'

/** What must be known of a change beside its fields: why it is parked, what became of it, and where its batch is. */
export function ComparisonNotices({
  comparison,
  onShow,
  onReopened,
}: {
  readonly comparison: ChangeComparison
  readonly onShow: (mutationId: string) => void
  readonly onReopened: () => void
}) {
  const { item, contentChanged, replaces, replacedBy } = comparison
  return (
    <div className={styles.notices}>
      {item.error === null || (contentChanged && item.error.code === 'content_changed') ? null : (
        <ErrorNotice error={item.error} />
      )}
      {contentChanged && item.state !== 'applied' ? (
        <Notice tone="warning" title="The batch, its evidence or its rubric is no longer what you decided on">
          A decision is bound to what it was made on. Decide again on what the cloud has now.
        </Notice>
      ) : null}
      {item.batchPlace === 'here' ? null : (
        <Notice
          tone="warning"
          title={
            item.batchPlace === 'quarantined' ? 'This batch is no longer yours' : 'The batch is not on this computer'
          }
        >
          {item.batchPlace === 'quarantined'
            ? quarantineAdvice
            : 'What you did stays readable here and can be exported. If the batch comes back to you, it is mirrored again.'}
        </Notice>
      )}
      {item.overrides ? (
        <Notice
          title="Sent over the cloud’s version"
          action={<ShowOther label="Show the conflict" mutationId={replaces} onShow={onShow} />}
        >
          You kept yours when this was in conflict. The audit log has it as an override.
        </Notice>
      ) : replaces === null ? null : (
        <Notice
          title="Made anew from an earlier change"
          action={<ShowOther label="Show the earlier one" mutationId={replaces} onShow={onShow} />}
        />
      )}
      {replacedBy === null ? null : (
        <Notice
          title="Sent again as a new change"
          action={<ShowOther label="Show the new one" mutationId={replacedBy} onShow={onShow} />}
        />
      )}
      {item.state === 'superseded' && replacedBy === null ? (
        <GivenUp comparison={comparison} onReopened={onReopened} />
      ) : null}
    </div>
  )
}

function ShowOther({
  label,
  mutationId,
  onShow,
}: {
  readonly label: string
  readonly mutationId: string | null
  readonly onShow: (mutationId: string) => void
}) {
  if (mutationId === null) return null
  return (
    <Button size="small" onClick={() => onShow(mutationId)}>
      {label}
    </Button>
  )
}

function GivenUp({
  comparison: { item, notReopened },
  onReopened,
}: {
  readonly comparison: ChangeComparison
  readonly onReopened: () => void
}) {
  const settle = useSettle()
  const [error, setError] = useState<AppError | null>(null)
  const reopen = async () => {
    const failed = await settle.reopen(item)
    setError(failed)
    if (failed === null) onReopened()
  }
  useKeys([
    {
      keys: 'U',
      label: 'Take it up again',
      group: 'Comparison',
      disabled: notReopened !== null,
      run: () => void reopen(),
    },
  ])
  const refused = error ?? notReopened
  return (
    <Notice
      title={
        item.resolution === 'decide_again' ? 'Given up to be decided again' : 'Given up: the cloud’s version stands'
      }
      action={
        notReopened !== null ? undefined : (
          <Button size="small" keys="U" onClick={() => void reopen()}>
            Take it up again
          </Button>
        )
      }
    >
      {refused === null
        ? 'It was not sent. It can be taken up again as long as nothing new was made in its place.'
        : `It cannot be taken up again: ${refused.message} ${refused.action ?? ''}`}
    </Notice>
  )
}
