import { actsWhileTyping, isCharacterChord } from './key-chord.ts'

/** What a key does. */
export interface KeyBinding {
  /** A chord such as `Ctrl+K`, or two in a row such as `G Q`. */
  readonly keys: string
  /** What it does, in a few words; shown on the key sheet and in the palette. */
  readonly label: string
  /** Heading on the key sheet, such as `Queue`. */
  readonly group: string
  readonly run: () => void
  /** Not now: the key is shown and does nothing. */
  readonly disabled?: boolean
  /** Left off the palette, for keys that only make sense in place. */
  readonly paletteHidden?: boolean
}

/** Where the keyboard is. `control` is a button, link or the like, to which Enter and Space belong. */
export type KeyTarget = 'page' | 'typing' | 'control' | 'overlay'

/** What the keymap knows when a key comes. */
export interface KeyContext {
  readonly target: KeyTarget
  readonly singleLetterKeys: boolean
  /** The first chord of a sequence that waits for its second, or null. */
  readonly pending: string | null
}

/** What becomes of a key. */
export type KeyOutcome =
  | { readonly kind: 'run'; readonly binding: KeyBinding }
  | { readonly kind: 'pending'; readonly chord: string }
  | { readonly kind: 'none' }

const mayAct = (chord: string, context: KeyContext): boolean => {
  if (context.target === 'overlay') return false
  if (context.target === 'typing') return actsWhileTyping(chord)
  if (context.target === 'control' && (chord === 'Enter' || chord === 'Space')) return false
  return context.singleLetterKeys || !isCharacterChord(chord)
}

/** Decides what a chord does. `bindings` is ordered: of two with the same keys the later one, which is nearer to the person, wins. */
export function resolveKey(chord: string, bindings: readonly KeyBinding[], context: KeyContext): KeyOutcome {
  if (!mayAct(chord, context)) return { kind: 'none' }
  const wanted = context.pending === null ? chord : `${context.pending} ${chord}`
  const binding = bindings.findLast((candidate) => candidate.keys === wanted)
  if (binding !== undefined) return binding.disabled === true ? { kind: 'none' } : { kind: 'run', binding }
  if (context.pending !== null) return resolveKey(chord, bindings, { ...context, pending: null })
  return bindings.some((candidate) => candidate.keys.startsWith(`${chord} `))
    ? { kind: 'pending', chord }
    : { kind: 'none' }
}
