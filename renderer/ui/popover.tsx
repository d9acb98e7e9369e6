import { Popover as Base } from '@base-ui/react/popover'
import type { ReactElement, ReactNode } from 'react'
import { classNames } from './class-names.ts'
import styles from './popup.module.css'

/** A small panel that opens from a button. `title` names it for assistive technology. */
export function Popover({
  trigger,
  title,
  side = 'bottom',
  children,
}: {
  readonly trigger: ReactElement<Record<string, unknown>>
  readonly title: string
  readonly side?: 'top' | 'bottom'
  readonly children: ReactNode
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles.positioner} side={side} sideOffset={6} collisionPadding={8}>
          <Base.Popup className={classNames(styles.popup, styles.panel)} aria-label={title}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
