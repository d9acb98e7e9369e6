import { CircleCheck, CircleDashed, CircleMinus, OctagonX } from 'lucide-react'
import type { ReactNode } from 'react'
import type { GrantStanding } from '../../../../shared/contract/views.ts'
import { Button } from '../../../ui/button.tsx'
import { useDesk } from '../desk-context.tsx'
import styles from './standing.module.css'
import { standingMark, standingTitle } from './standing-words.ts'

const icons: Readonly<Record<ReturnType<typeof standingMark>, ReactNode>> = {
  open: <CircleCheck size={16} aria-label="In force" />,
  waiting: <CircleDashed size={16} aria-label="Not yet confirmed" />,
  closed: <OctagonX size={16} aria-label="Blocks" />,
  idle: <CircleMinus size={16} aria-label="Not needed" />,
}

/** How the person stands to the batch: what they were granted, until when, and the way to declare their independence. */
export function StandingSection() {
  const { detail, declareIndependence } = useDesk()
  if (detail.standings.length === 0) return null
  const conflict = detail.standings.some(({ gate }) => gate === 'conflict_of_interest')
  return (
    <section className={styles.section} aria-label="Your standing">
      <h3 className={styles.title}>Your standing</h3>
      <ul className={styles.list}>
        {detail.standings.map((standing) => (
          <Standing key={standing.gate} standing={standing} />
        ))}
      </ul>
      {conflict ? null : (
        <div>
          <Button keys="I" onClick={declareIndependence}>
            Declare independence
          </Button>
        </div>
      )}
    </section>
  )
}

function Standing({ standing }: { readonly standing: GrantStanding }) {
  const mark = standingMark(standing)
  return (
    <li className={styles.standing}>
      <span className={styles[mark]}>{icons[mark]}</span>
      <div className={styles.words}>
        <p className={styles.gate}>
          {standingTitle(standing.gate)}
          {standing.required ? null : <span className={styles.muted}>, not needed here</span>}
        </p>
        <p className={styles.message}>{standing.message}</p>
        {standing.action === null || !standing.required ? null : <p className={styles.muted}>{standing.action}</p>}
      </div>
    </li>
  )
}
