import { X } from 'lucide-react'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { Kbd } from '../ui/kbd.tsx'
import styles from './toasts.module.css'

/** A short message at the edge of the window. */
export interface ToastMessage {
  readonly text: string
  readonly detail?: string
  /** Something that can be done about it for as long as it is shown. */
  readonly action?: { readonly label: string; readonly keys?: string; readonly run: () => void }
  /** How long it stays; by default six seconds. With `countdown`, the seconds that are left are shown. */
  readonly seconds?: number
  readonly countdown?: boolean
}

type Say = (message: ToastMessage) => void

const ToastContext = createContext<Say | null>(null)

interface Toast extends ToastMessage {
  readonly id: number
}

/** Shows short messages, at most three, and speaks them politely. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const counter = useRef(0)
  const say = useCallback<Say>((message) => {
    counter.current += 1
    const toast = { ...message, id: counter.current }
    setToasts((shown) => [...shown, toast].slice(-3))
  }, [])
  const drop = useCallback((id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), [])
  return (
    <ToastContext value={say}>
      {children}
      <div className={styles.region} role="status" aria-live="polite" aria-label="Messages">
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} onGone={drop} />
        ))}
      </div>
    </ToastContext>
  )
}

function ToastCard({ toast, onGone }: { readonly toast: Toast; readonly onGone: (id: number) => void }) {
  const [left, setLeft] = useState(toast.seconds ?? 6)
  const [held, setHeld] = useState(false)
  const keepsTime = toast.countdown === true
  useEffect(() => {
    if (held && !keepsTime) return
    if (left <= 0) {
      onGone(toast.id)
      return
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000)
    return () => clearTimeout(timer)
  }, [left, held, keepsTime, onGone, toast.id])
  const { action } = toast
  return (
    <div className={styles.toast} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
      <div className={styles.text}>
        {toast.text}
        {toast.detail === undefined ? null : <div className={styles.detail}>{toast.detail}</div>}
      </div>
      {action === undefined ? null : (
        <button
          type="button"
          className={styles.action}
          onClick={() => {
            onGone(toast.id)
            action.run()
          }}
        >
          {action.label}
          {action.keys === undefined ? null : <Kbd keys={action.keys} plain />}
          {keepsTime ? (
            <span className={styles.seconds} aria-hidden="true">
              {left} s
            </span>
          ) : null}
        </button>
      )}
      <button type="button" className={styles.close} aria-label="Dismiss message" onClick={() => onGone(toast.id)}>
        <X size={14} />
      </button>
    </div>
  )
}

/** Answers with the function that shows a message. */
export function useToast(): Say {
  const say = useContext(ToastContext)
  if (say === null) throw new Error('Messages can be shown inside ToastProvider alone')
  return useMemo(() => say, [say])
}
