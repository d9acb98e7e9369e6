import type { Position } from '../../../../../shared/domain/distance.ts'
import styles from './photo-viewer.module.css'
import { formatDistance, sitePlot } from './site-plot-geometry.ts'

const middle = 70
const ringRadius = 48

/** Site and photo point as a drawing, north up. There is no base map: the program loads nothing from elsewhere. */
export function SitePlotDrawing({ site, photo }: { readonly site: Position; readonly photo: Position }) {
  const plot = sitePlot(site, photo)
  const scale = ringRadius / plot.ringMeters
  const x = middle + plot.east * scale
  const y = middle - plot.north * scale
  return (
    <figure className={styles.plot}>
      <svg
        viewBox="0 0 140 140"
        role="img"
        aria-label={`The claimed photo position is ${formatDistance(plot.distance)} from the site`}
      >
        <circle cx={middle} cy={middle} r={ringRadius} className={styles.ring} />
        <circle cx={middle} cy={middle} r={ringRadius / 2} className={styles.ring} />
        <path d={`M${middle} 10v120M10 ${middle}h120`} className={styles.axis} />
        <text x={middle} y={8} textAnchor="middle" className={styles.plotText}>
          N
        </text>
        <text x={middle + ringRadius} y={middle + ringRadius + 8} textAnchor="middle" className={styles.plotText}>
          {formatDistance(plot.ringMeters)}
        </text>
        <path d={`M${middle} ${middle}L${String(x)} ${String(y)}`} className={styles.way} />
        <rect x={middle - 4} y={middle - 4} width={8} height={8} className={styles.site} />
        <circle cx={x} cy={y} r={4} className={styles.point} />
      </svg>
      <figcaption>
        <span className={styles.siteKey}>Site</span>
        <span className={styles.pointKey}>Photo, as claimed</span>
        <span className={styles.plotNote}>No base map</span>
      </figcaption>
    </figure>
  )
}
