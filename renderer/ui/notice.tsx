import { CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AppError } from '../../shared/result.ts'
import type { Tone } from './badge.tsx'
import { classNames } from './class-names.ts'
import styles from './states.module.css'

/** A remark in the flow of a view. `live` is spoken when it appears. */
export function Notice({
  tone = 'neutral',
  title,
  live = false,
  action,
  children,
}: {
  readonly tone?: Tone
  readonly title?: string
  readonly live?: boolean
  readonly action?: ReactNode
  readonly children?: ReactNode
}) {
  const Icon = tone === 'success' ? CircleCheck : tone === 'warning' || tone === 'danger' ? TriangleAlert : Info
  return (
    <div
      className={classNames(styles.notice, styles[tone])}
      {...(live ? { role: tone === 'danger' ? 'alert' : 'status' } : {})}
    >
      <Icon size={16} aria-hidden="true" />
      <div className={styles.noticeText}>
        {title === undefined ? null : <div className={styles.noticeTitle}>{title}</div>}
        {children === undefined ? null : <div>{children}</div>}
      </div>
      {action}
    </div>
  )
}

/** A failure in the flow of a view, beside what failed: what happened and what to do. */
export function ErrorNotice({
  error,
  action,
}: {
  readonly error: Pick<AppError, 'message'> & { readonly action?: string | null }
  readonly action?: ReactNode
}) {
  return (
    <Notice tone="danger" title={error.message} live action={action}>
      {error.action ?? undefined}
    </Notice>
  )
}
