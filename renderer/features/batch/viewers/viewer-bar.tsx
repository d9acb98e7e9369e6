import type { ReactNode } from 'react'
import styles from './viewer.module.css'

/** The line above a viewer: what is shown at the left, the tools at the right. Wraps where there is little room. */
export function ViewerBar({ heading, children }: { readonly heading?: ReactNode; readonly children?: ReactNode }) {
  if (heading === undefined && children === undefined) return null
  return (
    <div className={styles.bar}>
      <div className={styles.heading}>{heading}</div>
      {children === undefined ? null : <div className={styles.tools}>{children}</div>}
    </div>
  )
}
