import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef } from 'react'
import type { AppError } from '../../shared/result.ts'
import { useKeys } from './keymap/keymap.tsx'
import { useToast } from './toasts.tsx'

/** Something that can be taken back, and done again. Both answer with the failure, or null. */
export interface UndoStep {
  /** What was done, such as "Approved 3 batches". */
  readonly label: string
  readonly undo: () => Promise<AppError | null>
  readonly redo: () => Promise<AppError | null>
}

interface Undo {
  readonly did: (step: UndoStep) => void
  readonly undo: () => void
}

const UndoContext = createContext<Undo | null>(null)

/** Keeps what was done, newest last, and binds Ctrl+Z and Ctrl+Shift+Z. */
export function UndoProvider({ children }: { readonly children: ReactNode }) {
  const done = useRef<UndoStep[]>([])
  const undone = useRef<UndoStep[]>([])
  const say = useToast()

  const take = useCallback(
    async (from: UndoStep[], to: UndoStep[], how: 'undo' | 'redo') => {
      const step = from.pop()
      if (step === undefined) {
        say({ text: how === 'undo' ? 'Nothing to undo.' : 'Nothing to do again.' })
        return
      }
      const error = await step[how]()
      if (error === null) {
        to.push(step)
        say({ text: `${how === 'undo' ? 'Undone' : 'Done again'}: ${step.label}` })
      } else {
        say({ text: error.message, ...(error.action === undefined ? {} : { detail: error.action }) })
      }
    },
    [say],
  )
  const undo = useCallback(() => void take(done.current, undone.current, 'undo'), [take])
  const redo = useCallback(() => void take(undone.current, done.current, 'redo'), [take])
  const did = useCallback((step: UndoStep) => {
    done.current.push(step)
    undone.current = []
  }, [])
  useKeys(
    [
      { keys: 'Ctrl+Z', label: 'Undo', group: 'Everywhere', run: undo },
      { keys: 'Ctrl+Shift+Z', label: 'Do again', group: 'Everywhere', run: redo },
    ],
    'global',
  )
  return <UndoContext value={useMemo(() => ({ did, undo }), [did, undo])}>{children}</UndoContext>
}

/** Remembers something that can be undone, and undoes the last of them. */
export function useUndo(): Undo {
  const undo = useContext(UndoContext)
  if (undo === null) throw new Error('Undo works inside UndoProvider alone')
  return undo
}
