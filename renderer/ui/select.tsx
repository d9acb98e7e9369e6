import { Select as Base } from '@base-ui/react/select'
import { Check, ChevronsUpDown } from 'lucide-react'
import popup from './popup.module.css'
import styles from './select.module.css'

/** One choice of a `Select`. */
export interface SelectOption<Value extends string> {
  readonly value: Value
  readonly label: string
  /** Small text at the end of the row, such as a count. */
  readonly note?: string
}

/** Chooses one of a few values. */
export function Select<Value extends string>({
  label,
  labelHidden = false,
  value,
  options,
  onChange,
  disabled = false,
}: {
  readonly label: string
  readonly labelHidden?: boolean
  readonly value: Value
  readonly options: readonly SelectOption<Value>[]
  readonly onChange: (value: Value) => void
  readonly disabled?: boolean
}) {
  return (
    <Base.Root
      items={options.map((option) => ({ value: option.value, label: option.label }))}
      value={value}
      disabled={disabled}
      onValueChange={(next) => {
        if (next !== null) onChange(next)
      }}
    >
      <div className={styles.field}>
        {labelHidden ? null : <Base.Label className={styles.label}>{label}</Base.Label>}
        <Base.Trigger className={styles.trigger} {...(labelHidden ? { 'aria-label': label } : {})}>
          <Base.Value />
          <Base.Icon className={styles.icon}>
            <ChevronsUpDown size={14} />
          </Base.Icon>
        </Base.Trigger>
      </div>
      <Base.Portal>
        <Base.Positioner className={popup.positioner} sideOffset={4} alignItemWithTrigger={false}>
          <Base.Popup className={popup.popup}>
            <Base.List>
              {options.map((option) => (
                <Base.Item key={option.value} value={option.value} className={popup.item}>
                  <span className={popup.tick}>
                    <Base.ItemIndicator>
                      <Check size={14} />
                    </Base.ItemIndicator>
                  </span>
                  <Base.ItemText className={popup.text}>{option.label}</Base.ItemText>
                  {option.note === undefined ? null : <span className={popup.note}>{option.note}</span>}
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
