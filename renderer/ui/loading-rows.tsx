import styles from './states.module.css'
import { VisuallyHidden } from './visually-hidden.tsx'

const widths = ['56%', '38%', '64%', '46%', '52%', '34%', '60%', '42%']

/** Rows in outline while a list is on its way. */
export function LoadingRows({ count = 8, label = 'Loading' }: { readonly count?: number; readonly label?: string }) {
  return (
    <div className={styles.rows} role="status">
      <VisuallyHidden>{label}</VisuallyHidden>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows have no identity and never move
        <div className={styles.row} key={index} aria-hidden="true">
          <span className={styles.bone} style={{ width: widths[index % widths.length] }} />
        </div>
      ))}
    </div>
  )
}
