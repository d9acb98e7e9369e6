import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react'
import { chordOf } from './key-chord.ts'
import { type KeyBinding, type KeyTarget, resolveKey } from './resolve-key.ts'

/** How long the second key of a sequence is waited for. */
const sequenceMilliseconds = 1200

/** How near to the person keys are: those of a nearer layer win. `front` is for strips and panels over a screen. */
export type KeyLayer = 'global' | 'screen' | 'front'

const layers: readonly KeyLayer[] = ['global', 'screen', 'front']

interface KeymapStore {
  readonly put: (id: string, layer: KeyLayer, bindings: readonly KeyBinding[]) => void
  readonly drop: (id: string) => void
  readonly all: () => readonly KeyBinding[]
  readonly subscribe: (listener: () => void) => () => void
}

function createKeymapStore(): KeymapStore {
  const scopes = new Map<string, { readonly layer: KeyLayer; readonly bindings: readonly KeyBinding[] }>()
  const listeners = new Set<() => void>()
  let flat: readonly KeyBinding[] = []
  const changed = () => {
    flat = layers.flatMap((layer) =>
      [...scopes.values()].filter((scope) => scope.layer === layer).flatMap((scope) => scope.bindings),
    )
    for (const listener of listeners) listener()
  }
  return {
    put: (id, layer, bindings) => {
      scopes.set(id, { layer, bindings })
      changed()
    },
    drop: (id) => {
      scopes.delete(id)
      changed()
    },
    all: () => flat,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const KeymapContext = createContext<KeymapStore | null>(null)

const textTypes = new Set([
  'text',
  'search',
  'email',
  'password',
  'url',
  'number',
  'tel',
  'date',
  'time',
  'datetime-local',
])

const targetOf = (target: EventTarget | null): KeyTarget => {
  if (!(target instanceof Element)) return 'page'
  if (target.closest('[role="dialog"],[role="alertdialog"],[role="menu"],[role="listbox"],[data-own-keys]') !== null)
    return 'overlay'
  if (target instanceof HTMLInputElement) return textTypes.has(target.type) ? 'typing' : 'control'
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return 'typing'
  if (target instanceof HTMLElement && target.isContentEditable) return 'typing'
  const control =
    'button,a[href],summary,[role="button"],[role="checkbox"],[role="switch"],[role="radio"],[role="tab"],[role="separator"]'
  return target.matches(control) ? 'control' : 'page'
}

/** Hears every key of the window once and runs what is bound to it. */
export function KeymapProvider({
  singleLetterKeys,
  children,
}: {
  readonly singleLetterKeys: boolean
  readonly children: ReactNode
}) {
  const store = useMemo(createKeymapStore, [])
  const pending = useRef<{ readonly chord: string; readonly at: number } | null>(null)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const chord = chordOf(event)
      if (chord === null) return
      const waiting = pending.current
      pending.current = null
      const outcome = resolveKey(chord, store.all(), {
        target: targetOf(event.target),
        singleLetterKeys,
        pending: waiting !== null && event.timeStamp - waiting.at < sequenceMilliseconds ? waiting.chord : null,
      })
      if (outcome.kind === 'pending') pending.current = { chord: outcome.chord, at: event.timeStamp }
      if (outcome.kind !== 'run') return
      event.preventDefault()
      outcome.binding.run()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [store, singleLetterKeys])
  return <KeymapContext value={store}>{children}</KeymapContext>
}

const useStore = (): KeymapStore => {
  const store = useContext(KeymapContext)
  if (store === null) throw new Error('Keys can be bound inside KeymapProvider alone')
  return store
}

/**
 * Binds keys for as long as the component is shown. A nearer layer wins over a farther one. The keys never act
 * while a person types or a dialog is open; inside an element with `data-own-keys` they are left to that element.
 */
export function useKeys(bindings: readonly KeyBinding[], layer: KeyLayer = 'screen'): void {
  const store = useStore()
  const id = useId()
  const latest = useRef(bindings)
  useLayoutEffect(() => {
    latest.current = bindings
  })
  const shape = bindings
    .map((binding) => `${binding.keys}\t${binding.label}\t${String(binding.disabled === true)}`)
    .join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: registered anew only when what is bound changes, not its closures
  useLayoutEffect(() => {
    store.put(
      id,
      layer,
      latest.current.map((binding) => ({
        ...binding,
        run: () => latest.current.find((candidate) => candidate.keys === binding.keys)?.run(),
      })),
    )
    return () => store.drop(id)
  }, [store, id, layer, shape])
}

/** Every key that is bound at the moment, for the key sheet and the palette. */
export function useBoundKeys(): readonly KeyBinding[] {
  const store = useStore()
  return useSyncExternalStore(
    store.subscribe,
    useCallback(() => store.all(), [store]),
  )
}
