import { type FormEvent, useState } from 'react'
import type { Declaration } from '../../../../shared/domain/access-grant.ts'
import { useCall } from '../../../app/use-call.ts'
import { useRefresh } from '../../../app/use-channel.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { TextArea } from '../../../ui/text-field.tsx'
import { useDesk } from '../desk-context.tsx'
import styles from './standing.module.css'

const choices = [
  { value: 'none', label: 'No conflict of interest' },
  { value: 'conflict', label: 'There is a conflict' },
] as const satisfies readonly { value: Declaration; label: string }[]

const consequences: Readonly<Record<Declaration, string>> = {
  none: 'It counts for a year, for all batches of this recycler. It is sent with your next sync and then signed by the registry.',
  conflict:
    'You will not be able to approve or verify any batch of this recycler until an administrator has looked at it.',
}

/** The person's own declaration about the recycler of the batch. */
export function DeclareDialog({ onClose }: { readonly onClose: () => void }) {
  const { detail, putDetail } = useDesk()
  const [declaration, setDeclaration] = useState<Declaration>('none')
  const [statement, setStatement] = useState('')
  const [checked, setChecked] = useState(false)
  const call = useCall('independence.declare')
  const refresh = useRefresh()
  const missing = declaration === 'conflict' && statement.trim() === ''
  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    setChecked(true)
    if (missing || call.busy) return
    const result = await call.run({ batchId: detail.batch.id, declaration, statement: statement.trim() })
    if (!result.ok) return
    putDetail(result.value)
    refresh('grants.list')
    onClose()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Declare independence"
      description={detail.recyclerOrganization ?? detail.recyclerName}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={declaration === 'conflict' ? 'danger' : 'primary'}
            keys="Ctrl+Enter"
            busy={call.busy}
            onClick={() => void submit()}
          >
            {declaration === 'conflict' ? 'Declare conflict' : 'Declare no conflict'}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => void submit(event)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit()
        }}
      >
        {call.error === null ? null : <ErrorNotice error={call.error} />}
        <div>
          <Segmented label="Declaration" value={declaration} options={choices} onChange={setDeclaration} />
        </div>
        <p className={styles.muted}>{consequences[declaration]}</p>
        <TextArea
          label={declaration === 'conflict' ? 'What the conflict is' : 'Statement'}
          optional={declaration === 'none'}
          rows={4}
          maxLength={2000}
          value={statement}
          error={checked && missing ? 'Say what the conflict is; it goes on record.' : null}
          onChange={(event) => setStatement(event.currentTarget.value)}
        />
      </form>
    </Dialog>
  )
}
