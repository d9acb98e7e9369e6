import { X } from 'lucide-react'
import type { CSSProperties, ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { formatCount } from './format.ts'
import { IconButton } from './icon-button.tsx'
import styles from './progress-bar.module.css'

/**
 * Work that is under way. `total` is null while it is not known; `still` stands for work that is held; `onCancel` adds the button that
 * stops it, after the buttons inside.
 */
export function ProgressBar({
  label,
  done,
  total,
  still = false,
  onCancel,
  children,
}: {
  readonly label: string
  readonly done: number
  readonly total: number | null
  readonly still?: boolean
  readonly onCancel?: () => void
  readonly children?: ReactNode
}) {
  const share: CSSProperties & { readonly '--done': number } = {
    '--done': total === null || total === 0 ? 0 : Math.min(1, done / total),
  }
  return (
    <div className={styles.progress}>
      <div className={styles.stack}>
        <div className={styles.words} aria-hidden="true">
          <span>{label}</span>
          <span>
            {total === null ? (done === 0 ? '' : formatCount(done)) : `${formatCount(done)} of ${formatCount(total)}`}
          </span>
        </div>
        <div
          className={styles.track}
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          {...(total === null ? {} : { 'aria-valuemax': total, 'aria-valuenow': Math.min(done, total) })}
        >
          <div
            className={classNames(styles.bar, total === null && styles.unknown, still && styles.still)}
            style={share}
          />
        </div>
      </div>
      {children}
      {onCancel === undefined ? null : (
        <IconButton label={`Cancel: ${label}`} size="small" icon={<X size={14} />} onClick={onCancel} />
      )}
    </div>
  )
}
