import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import styles from './button.module.css'
import { classNames } from './class-names.ts'
import { Kbd } from './kbd.tsx'

/** How much a button asks for attention. One primary button per view. */
export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger'

/** Props of `Button`; every attribute of a button element passes through. */
export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'style'> {
  readonly variant?: ButtonVariant
  readonly size?: 'small' | 'medium' | 'large'
  readonly icon?: ReactNode
  /** The keys that do the same, shown behind the label. */
  readonly keys?: string
  /** Work is under way: the button keeps its place and does not react. */
  readonly busy?: boolean
  readonly wide?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button with a label. It stays focusable while busy, so that focus is not lost. */
export function Button({
  variant = 'secondary',
  size = 'medium',
  icon,
  keys,
  busy = false,
  wide = false,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={classNames(
        styles.button,
        styles[variant],
        size === 'small' && styles.small,
        size === 'large' && styles.large,
        wide && styles.wide,
      )}
    >
      {busy ? <span className={styles.busy} aria-hidden="true" /> : icon}
      {children}
      {keys === undefined ? null : <Kbd keys={keys} plain={variant === 'primary'} />}
    </button>
  )
}
