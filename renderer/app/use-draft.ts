import { useCallback, useEffect, useRef } from 'react'
import { bridge } from '../bridge.ts'
import { useChannel, usePutAnswer } from './use-channel.ts'

/** How long after the last change a draft is saved. */
const pauseMilliseconds = 250
/** Whoever never pauses loses no more than this. */
const longestMilliseconds = 2_000

/**
 * Text that survives a restart. `body` is undefined while it is being read and null where nothing was saved; `save` writes it
 * within 300 ms of the last change, at the latest after two seconds, and at once when the component goes away.
 */
export function useDraft(key: string): {
  readonly body: string | null | undefined
  readonly save: (body: string | null) => void
} {
  const saved = useChannel('draft.get', { key })
  const put = usePutAnswer()
  const waiting = useRef<{
    readonly body: string | null
    readonly timer: ReturnType<typeof setTimeout>
    readonly since: number
  } | null>(null)
  const flush = useCallback(() => {
    const last = waiting.current
    if (last === null) return
    clearTimeout(last.timer)
    waiting.current = null
    void bridge.invoke('draft.set', { key, body: last.body })
  }, [key])
  const save = useCallback(
    (body: string | null) => {
      const now = performance.now()
      const since = waiting.current?.since ?? now
      if (waiting.current !== null) clearTimeout(waiting.current.timer)
      put('draft.get', { key }, { body })
      const left = Math.max(0, since + longestMilliseconds - now)
      waiting.current = { body, since, timer: setTimeout(flush, Math.min(pauseMilliseconds, left)) }
    },
    [flush, key, put],
  )
  useEffect(() => {
    window.addEventListener('pagehide', flush)
    return () => {
      window.removeEventListener('pagehide', flush)
      flush()
    }
  }, [flush])
  return { body: saved.error === null ? saved.data?.body : null, save }
}
