import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { formatInstant, formatInstantInFull, type ZoneChoice, zoneName } from '../ui/format.ts'
import { Tooltip } from '../ui/tooltip.tsx'

interface Zone {
  readonly choice: ZoneChoice
  readonly name: string
  readonly choose: (choice: ZoneChoice) => void
}

const ZoneContext = createContext<Zone>({ choice: 'utc', name: 'UTC', choose: () => undefined })

/** Keeps the time zone in which the window shows instants. */
export function ZoneProvider({ children }: { readonly children: ReactNode }) {
  const [choice, choose] = useState<ZoneChoice>('local')
  return (
    <ZoneContext value={useMemo(() => ({ choice, name: zoneName(choice), choose }), [choice])}>{children}</ZoneContext>
  )
}

/** The time zone in which instants are shown, and how to change it. */
export const useZone = (): Zone => useContext(ZoneContext)

/** An instant in the chosen zone, with offset and UTC on the tooltip. */
export function Time({ instant }: { readonly instant: string }) {
  const zone = useZone()
  return (
    <Tooltip label={formatInstantInFull(instant, zone.name)}>
      <time dateTime={instant}>{formatInstant(instant, zone.name)}</time>
    </Tooltip>
  )
}
