import { useEffect, useRef } from 'react'
import { useDraft } from './use-draft.ts'
import { useZone } from './zone.tsx'

/** Takes up the time zone that the person chose last, and remembers the next choice. */
export function useKeptZone(): void {
  const { choice, choose } = useZone()
  const { body, save } = useDraft('window.zone')
  const takenUp = useRef(false)
  useEffect(() => {
    if (body === undefined) return
    if (takenUp.current) {
      save(choice)
      return
    }
    takenUp.current = true
    if (body === 'utc' || body === 'local') choose(body)
  }, [body, choice, choose, save])
}
