import type { BatchDetail, EvidenceView, PhotoFacts } from '../../../../../shared/contract/views.ts'
import { Time } from '../../../../app/zone.tsx'
import { Facts } from '../../../../ui/facts.tsx'
import { Notice } from '../../../../ui/notice.tsx'
import styles from './photo-viewer.module.css'
import { SitePlotDrawing } from './site-plot.tsx'
import { claimedTime, formatDistance, formatPosition } from './site-plot-geometry.ts'

/** From this distance on, the claim deserves a look. */
const farMeters = 1000

const positionOf = (latitude: number | null, longitude: number | null) =>
  latitude === null || longitude === null ? null : { latitude, longitude }

/** What a photo says about itself, and how that compares with the site. All of it is a claim. */
export function PhotoFactsPanel({
  facts,
  file,
  project,
}: {
  readonly facts: PhotoFacts
  readonly file: EvidenceView
  readonly project: BatchDetail['project']
}) {
  const site = positionOf(project.latitude, project.longitude)
  const photo = positionOf(facts.claimedLatitude, facts.claimedLongitude)
  const { distanceToSiteMeters: distance } = facts
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard where it is low
    <aside className={styles.facts} aria-label="What the photo claims" tabIndex={0}>
      <h3 className={styles.factsTitle}>Claimed by the photo</h3>
      {distance !== null && distance >= farMeters ? (
        <Notice tone="warning">{formatDistance(distance)} away from the registered site.</Notice>
      ) : null}
      <Facts
        rows={[
          [
            'Taken',
            facts.claimedTakenAt === null ? 'Not stated' : <TakenTime key="taken" text={facts.claimedTakenAt} />,
          ],
          ['Effective', file.effectiveAt === null ? 'Not stated' : <Time key="effective" instant={file.effectiveAt} />],
          ['Position', photo === null ? 'Not stated' : formatPosition(photo)],
          ['To the site', distance === null ? 'Unknown' : formatDistance(distance)],
          ['Camera', facts.camera ?? 'Not stated'],
          [
            'Size',
            facts.width === null || facts.height === null ? null : `${String(facts.width)} × ${String(facts.height)}`,
          ],
        ]}
      />
      {site === null || photo === null ? null : <SitePlotDrawing site={site} photo={photo} />}
      <p className={styles.factsNote}>Time and position can be forged. Hold them against other evidence.</p>
    </aside>
  )
}

function TakenTime({ text }: { readonly text: string }) {
  const time = claimedTime(text)
  if (time.kind === 'instant') return <Time instant={time.instant} />
  return <>{time.text} by its clock, no time zone stated</>
}
