import { useCallback } from 'react'
import { usePutAnswer } from '../../app/use-channel.ts'
import { useDraft } from '../../app/use-draft.ts'

/**
 * A draft that is also right when it is read a second time in the same session, such as by a dialog that is opened again: what is
 * saved replaces the kept answer at once.
 */
export function useKeptDraft(key: string): {
  readonly body: string | null | undefined
  readonly save: (body: string | null) => void
} {
  const draft = useDraft(key)
  const put = usePutAnswer()
  const { save: saveLater } = draft
  const save = useCallback(
    (body: string | null) => {
      put('draft.get', { key }, { body })
      saveLater(body)
    },
    [key, put, saveLater],
  )
  return { body: draft.body, save }
}
