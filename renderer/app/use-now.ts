import { useEffect, useState } from 'react'

/** The current time in milliseconds, drawn anew at the given pace; for ages and deadlines. */
export function useNow(everyMilliseconds = 30_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMilliseconds)
    return () => clearInterval(timer)
  }, [everyMilliseconds])
  return now
}
