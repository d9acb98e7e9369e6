import type { ReactNode } from 'react'
import styles from './badge.module.css'
import { classNames } from './class-names.ts'

/** How a piece of information is meant. */
export type Tone = 'neutral' | 'accent' | 'success' | 'warning' | 'danger'

/** A word or a number in a small frame. The tone only underlines what the words say. */
export function Badge({ tone = 'neutral', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return <span className={classNames(styles.badge, tone !== 'neutral' && styles[tone])}>{children}</span>
}
