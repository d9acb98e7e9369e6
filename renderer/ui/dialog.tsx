import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import styles from './dialog.module.css'
import { IconButton } from './icon-button.tsx'

/** Props of `Dialog`. */
export interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly description?: ReactNode
  readonly children?: ReactNode
  /** Buttons, the confirming one last. */
  readonly footer?: ReactNode
  readonly size?: 'medium' | 'wide' | 'huge'
}

/**
 * Where a dialog begins: what is marked with `data-first-focus`, else its first field, else its first button below (the one that
 * cancels), else the dialog itself.
 */
const firstFocus = (popup: HTMLElement | null): HTMLElement | null =>
  popup?.querySelector<HTMLElement>('[data-part="body"] [data-first-focus]') ??
  popup?.querySelector<HTMLElement>('[data-part="body"] :is(input, textarea):not([hidden])') ??
  popup?.querySelector<HTMLElement>('[data-part="footer"] button') ??
  popup

/** A window in the window: keeps focus inside, closes with Escape, gives focus back. */
export function Dialog({ open, onClose, title, description, children, footer, size = 'medium' }: DialogProps) {
  const popup = useRef<HTMLDivElement>(null)
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose()
      }}
    >
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup
          ref={popup}
          initialFocus={() => firstFocus(popup.current)}
          className={classNames(styles.popup, size === 'wide' && styles.wide, size === 'huge' && styles.huge)}
        >
          <div className={styles.header}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            <Base.Close render={<IconButton label="Close" keys="Esc" icon={<X size={16} />} />} />
          </div>
          {description === undefined ? null : (
            <Base.Description className={styles.description}>{description}</Base.Description>
          )}
          <div className={styles.body} data-part="body">
            {children}
          </div>
          {footer === undefined ? null : (
            <div className={styles.footer} data-part="footer">
              {footer}
            </div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** Asks once before something that is hard to take back. `confirmLabel` names the act, never "OK". */
export function ConfirmDialog({
  open,
  title,
  description,
  confirmLabel,
  danger = false,
  busy = false,
  onConfirm,
  onClose,
}: {
  readonly open: boolean
  readonly title: string
  readonly description: ReactNode
  readonly confirmLabel: string
  readonly danger?: boolean
  readonly busy?: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
            {confirmLabel}
          </Button>
        </>
      }
    />
  )
}
