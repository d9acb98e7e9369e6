import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import styles from './button.module.css'
import { classNames } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

/** Props of `IconButton`; every attribute of a button element passes through. */
export interface IconButtonProps
  extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'style' | 'children'> {
  /** What it does: spoken, and shown as a tooltip. */
  readonly label: string
  readonly icon: ReactNode
  readonly keys?: string
  readonly size?: 'small' | 'medium'
  readonly variant?: 'secondary' | 'quiet'
  /** For a toggle: whether it is on. */
  readonly pressed?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button that shows an icon alone, with its label as tooltip and accessible name. */
export function IconButton({
  label,
  icon,
  keys,
  size = 'medium',
  variant = 'quiet',
  pressed,
  type = 'button',
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip label={label} {...(keys === undefined ? {} : { keys })}>
      <button
        {...rest}
        type={type}
        aria-label={label}
        aria-pressed={pressed}
        className={classNames(
          styles.button,
          styles.icon,
          styles[variant],
          size === 'small' && styles.small,
          pressed === true && styles.pressed,
        )}
      >
        {icon}
      </button>
    </Tooltip>
  )
}
