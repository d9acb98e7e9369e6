import { Menu as Base } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import { Fragment, type ReactElement, type ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { Kbd } from './kbd.tsx'
import styles from './popup.module.css'

/** One row of a menu. */
export type MenuEntry =
  | {
      readonly kind: 'action'
      readonly key: string
      readonly label: string
      readonly icon?: ReactNode
      readonly keys?: string
      readonly danger?: boolean
      readonly disabled?: boolean
      readonly onSelect: () => void
    }
  | {
      readonly kind: 'check'
      readonly key: string
      readonly label: string
      readonly icon?: ReactNode
      readonly note?: string
      readonly checked: boolean
      readonly onChange: (checked: boolean) => void
    }
  | {
      readonly kind: 'radio'
      readonly key: string
      readonly value: string
      readonly options: readonly { readonly value: string; readonly label: string; readonly note?: string }[]
      readonly onChange: (value: string) => void
    }
  | { readonly kind: 'label'; readonly key: string; readonly label: string }
  | { readonly kind: 'separator'; readonly key: string }

function Entry({ entry }: { readonly entry: MenuEntry }) {
  switch (entry.kind) {
    case 'action':
      return (
        <Base.Item
          className={classNames(styles.item, entry.danger === true && styles.danger)}
          disabled={entry.disabled ?? false}
          onClick={entry.onSelect}
        >
          {entry.icon}
          <span className={styles.text}>{entry.label}</span>
          {entry.keys === undefined ? null : <Kbd keys={entry.keys} />}
        </Base.Item>
      )
    case 'check':
      return (
        <Base.CheckboxItem
          className={styles.item}
          checked={entry.checked}
          onCheckedChange={entry.onChange}
          closeOnClick={false}
        >
          <span className={styles.tick}>
            <Base.CheckboxItemIndicator>
              <Check size={14} />
            </Base.CheckboxItemIndicator>
          </span>
          {entry.icon}
          <span className={styles.text}>{entry.label}</span>
          {entry.note === undefined ? null : <span className={styles.note}>{entry.note}</span>}
        </Base.CheckboxItem>
      )
    case 'radio':
      return (
        <Base.RadioGroup value={entry.value} onValueChange={(value) => entry.onChange(String(value))}>
          {entry.options.map((option) => (
            <Base.RadioItem key={option.value} value={option.value} className={styles.item} closeOnClick>
              <span className={styles.tick}>
                <Base.RadioItemIndicator>
                  <Check size={14} />
                </Base.RadioItemIndicator>
              </span>
              <span className={styles.text}>{option.label}</span>
              {option.note === undefined ? null : <span className={styles.note}>{option.note}</span>}
            </Base.RadioItem>
          ))}
        </Base.RadioGroup>
      )
    case 'label':
      return <div className={styles.groupLabel}>{entry.label}</div>
    case 'separator':
      return <Base.Separator className={styles.separator} />
  }
}

/** A list of commands or choices that opens from a button. `trigger` is that button. */
export function Menu({
  trigger,
  entries,
  open,
  onOpenChange,
  align = 'start',
}: {
  readonly trigger: ReactElement<Record<string, unknown>>
  readonly entries: readonly MenuEntry[]
  readonly open?: boolean
  readonly onOpenChange?: (open: boolean) => void
  readonly align?: 'start' | 'end'
}) {
  return (
    <Base.Root {...(open === undefined ? {} : { open })} onOpenChange={(next) => onOpenChange?.(next)} modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles.positioner} sideOffset={4} align={align} collisionPadding={8}>
          <Base.Popup className={styles.popup}>
            {entries.map((entry) => (
              <Fragment key={entry.key}>
                <Entry entry={entry} />
              </Fragment>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
