import { useState } from 'react'
import type { OutboxItem } from '../../../../shared/domain/sync-state.ts'
import type { AppError } from '../../../../shared/result.ts'
import { useRefresh } from '../../../app/use-channel.ts'
import { bridge } from '../../../bridge.ts'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import styles from '../batch.module.css'
import { givenUpWords } from './given-up-words.ts'

/** What was given up to be made anew on this batch, at hand until it is. It can still be taken up again. */
export function DecideAgainNotice({ items }: { readonly items: readonly OutboxItem[] }) {
  const refresh = useRefresh()
  const [error, setError] = useState<AppError | null>(null)
  if (items.length === 0) return null
  const takeUp = async (mutationId: string) => {
    const result = await bridge.invoke('outbox.reopen', { mutationIds: [mutationId] })
    setError(result.ok ? (result.value.refused[0] ?? null) : result.error)
    refresh('outbox.toDecideAgain', 'outbox.list', 'batch.get', 'batch.rows', 'sync.state')
  }
  return (
    <div className={styles.banners}>
      {items.map((item) => {
        const { title, text } = givenUpWords(item)
        return (
          <Notice
            key={item.mutationId}
            tone="accent"
            title={title}
            action={
              <Button size="small" onClick={() => void takeUp(item.mutationId)}>
                Take it up again
              </Button>
            }
          >
            {error === null ? text : `${error.message} ${error.action ?? ''}`}
          </Notice>
        )
      })}
    </div>
  )
}
