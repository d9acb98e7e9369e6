import { useCallback, useLayoutEffect, useRef } from 'react'

/** A function that stays the same between renderings and calls the newest one; for handlers of parts that are drawn rarely. */
export function useStable<Arguments extends readonly unknown[]>(
  handler: (...given: Arguments) => void,
): (...given: Arguments) => void {
  const latest = useRef(handler)
  useLayoutEffect(() => {
    latest.current = handler
  })
  return useCallback((...given: Arguments) => latest.current(...given), [])
}
