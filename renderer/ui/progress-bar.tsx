import { X } from 'lucide-react'
import type { CSSProperties } from 'react'
import { classNames } from './class-names.ts'
import { formatCount } from './format.ts'
import { IconButton } from './icon-button.tsx'
import styles from './progress-bar.module.css'

/** Work that is under way. `total` is null while it is not known; `onCancel` adds the button that stops it. */
export function ProgressBar({
  label,
  done,
  total,
  onCancel,
}: {
  readonly label: string
  readonly done: number
  readonly total: number | null
  readonly onCancel?: () => void
}) {
  const share: CSSProperties & { readonly '--done': number } = {
    '--done': total === null || total === 0 ? 0 : Math.min(1, done / total),
  }
  return (
    <div className={styles.progress}>
      <div className={styles.stack}>
        <div className={styles.words} aria-hidden="true">
          <span>{label}</span>
          <span>{total === null ? formatCount(done) : `${formatCount(done)} of ${formatCount(total)}`}</span>
        </div>
        <div
          className={styles.track}
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          {...(total === null ? {} : { 'aria-valuemax': total, 'aria-valuenow': Math.min(done, total) })}
        >
          <div className={classNames(styles.bar, total === null && styles.unknown)} style={share} />
        </div>
      </div>
      {onCancel === undefined ? null : (
        <IconButton label={`Cancel: ${label}`} size="small" icon={<X size={14} />} onClick={onCancel} />
      )}
    </div>
  )
}
