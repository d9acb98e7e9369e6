import type { OutboxItem } from '../../../shared/domain/sync-state.ts'
import type { AppError } from '../../../shared/result.ts'
import { useToast } from '../../app/toasts.tsx'
import { useUndo } from '../../app/undo.tsx'
import { useRefresh } from '../../app/use-channel.ts'
import { bridge } from '../../bridge.ts'

/** What a person does with one parked or given-up change, and with many; each answers with the failure, or null. */
export interface Settle {
  /** Gives it up; can be undone until something new is made in its place. */
  readonly giveUp: (item: OutboxItem, choice: 'take_theirs' | 'decide_again') => Promise<AppError | null>
  /** Sends it again as a new change; this cannot be taken back. */
  readonly keep: (item: OutboxItem) => Promise<AppError | null>
  readonly reopen: (item: OutboxItem) => Promise<AppError | null>
  readonly takeAll: (
    request: Parameters<typeof bridge.invoke<'outbox.takeAllTheirs'>>[1],
    label: string,
  ) => Promise<AppError | null>
}

/** Settles changes, says what was done, and binds it to Ctrl+Z where it can be undone. */
export function useSettle(): Settle {
  const undo = useUndo()
  const say = useToast()
  const refresh = useRefresh()
  const settled = () =>
    refresh(
      'outbox.list',
      'outbox.compare',
      'outbox.kinds',
      'outbox.toDecideAgain',
      'sync.state',
      'sync.quarantine',
      'batch.get',
      'batch.rows',
    )

  const takeUpAgain = async (mutationIds: readonly string[]): Promise<AppError | null> => {
    const result = await bridge.invoke('outbox.reopen', { mutationIds: [...mutationIds] })
    settled()
    return result.ok ? (result.value.refused[0] ?? null) : result.error
  }
  const done = (label: string, detail: string, again: () => Promise<AppError | null>, ids: readonly string[]) => {
    undo.did({ label, undo: () => takeUpAgain(ids), redo: again })
    say({ text: label, detail, action: { label: 'Undo', keys: 'Ctrl+Z', run: undo.undo } })
  }

  return {
    giveUp: async (item, choice) => {
      const resolve = async (): Promise<AppError | null> => {
        const result = await bridge.invoke('outbox.resolve', { mutationId: item.mutationId, choice })
        settled()
        return result.ok ? null : result.error
      }
      const error = await resolve()
      if (error !== null) return error
      const label = choice === 'take_theirs' ? 'Took the cloud’s version' : 'Given up to decide again'
      done(label, `${item.summary}. Yours stays readable.`, resolve, [item.mutationId])
      return null
    },
    keep: async (item) => {
      const result = await bridge.invoke('outbox.resolve', { mutationId: item.mutationId, choice: 'retry' })
      settled()
      if (!result.ok) return result.error
      say(
        result.value.overrides
          ? { text: 'Kept yours', detail: 'It is sent over the cloud’s version, and the log says so.' }
          : { text: 'Sent again', detail: item.summary },
      )
      return null
    },
    reopen: async (item) => {
      const error = await takeUpAgain([item.mutationId])
      if (error === null) say({ text: 'Taken up again', detail: item.summary })
      return error
    },
    takeAll: async (request, label) => {
      const result = await bridge.invoke('outbox.takeAllTheirs', request)
      settled()
      if (!result.ok) return result.error
      const again = async (): Promise<AppError | null> => {
        const repeated = await bridge.invoke('outbox.takeAllTheirs', request)
        settled()
        return repeated.ok ? null : repeated.error
      }
      done(label, 'Yours stay readable under Taken back.', again, result.value.mutationIds)
      return null
    },
  }
}
