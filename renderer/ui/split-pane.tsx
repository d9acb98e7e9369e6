import { Children, Fragment, isValidElement, type ReactNode } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import { classNames } from './class-names.ts'
import styles from './split-pane.module.css'

/** Props of `Pane`. */
export interface PaneProps {
  /** Stable name, kept with the layout. */
  readonly id: string
  /** Spoken name; `F6` leads from pane to pane. */
  readonly label: string
  /** Sizes in pixels (`240px`) or per cent (`30%`). */
  readonly defaultSize?: string
  readonly minSize?: string
  readonly maxSize?: string
  readonly sunken?: boolean
  readonly children: ReactNode
}

/** One area of a `SplitPane`. Drawn by its parent. */
export function Pane({ label, sunken = false, children }: PaneProps) {
  return (
    <section
      className={classNames(styles.pane, sunken && styles.sunken)}
      aria-label={label}
      data-pane={label}
      tabIndex={-1}
    >
      {children}
    </section>
  )
}

/** Areas side by side whose borders can be moved, by pointer or by arrow keys on the border. Children: `Pane`, null or false. */
export function SplitPane({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  const panes = Children.toArray(children).filter((child) => isValidElement<PaneProps>(child))
  return (
    <Group id={id} orientation="horizontal" className={styles.group}>
      {panes.map((pane, index) => (
        <Fragment key={pane.props.id}>
          {index === 0 ? null : (
            <Separator className={styles.handle} aria-label={`Border before ${pane.props.label}`} />
          )}
          <Panel
            id={pane.props.id}
            {...(pane.props.defaultSize === undefined
              ? {}
              : { defaultSize: pane.props.defaultSize, groupResizeBehavior: 'preserve-pixel-size' as const })}
            {...(pane.props.minSize === undefined ? {} : { minSize: pane.props.minSize })}
            {...(pane.props.maxSize === undefined ? {} : { maxSize: pane.props.maxSize })}
          >
            {pane}
          </Panel>
        </Fragment>
      ))}
    </Group>
  )
}
