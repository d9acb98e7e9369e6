import { TriangleAlert } from 'lucide-react'
import type { AppError } from '../../shared/result.ts'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import styles from './states.module.css'

/** Fills a pane that could not be shown: what happened, what to do, and a button that tries again. */
export function ErrorState({ error, onRetry }: { readonly error: AppError; readonly onRetry?: () => void }) {
  return (
    <div className={classNames(styles.state, styles.problem)} role="alert">
      <div className={styles.icon}>
        <TriangleAlert size={18} />
      </div>
      <h2 className={styles.title}>{error.message}</h2>
      {error.action === undefined ? null : <p className={styles.text}>{error.action}</p>}
      {onRetry === undefined ? null : (
        <div className={styles.actions}>
          <Button onClick={onRetry}>Try again</Button>
        </div>
      )}
    </div>
  )
}
