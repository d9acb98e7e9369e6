import type { ReactNode } from 'react'
import styles from './screen-header.module.css'

/** The head of a screen: its title, a remark such as a count, and what can be done on all of it. */
export function ScreenHeader({
  title,
  note,
  children,
}: {
  readonly title: string
  readonly note?: ReactNode
  readonly children?: ReactNode
}) {
  return (
    <header className={styles.header}>
      <h1 className={styles.title}>{title}</h1>
      {note === undefined ? null : <div className={styles.note}>{note}</div>}
      <div className={styles.space} />
      {children === undefined ? null : <div className={styles.actions}>{children}</div>}
    </header>
  )
}
