/** What of a keyboard event decides which chord it is. */
export interface KeyFacts {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

const names: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
}

const modifiers = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Process'])

/**
 * The name of a chord: `Ctrl+K`, `Shift+J`, `Alt+Left`, `?`, `*`, `Space`. The command key counts as control. For signs, shift is
 * part of the sign and not named. Null while only modifiers are down.
 */
export function chordOf(event: KeyFacts): string | null {
  if (modifiers.has(event.key)) return null
  const isLetter = /^[a-z]$/i.test(event.key)
  const isSign = event.key.length === 1 && !isLetter && event.key !== ' '
  const key = names[event.key] ?? (isLetter ? event.key.toUpperCase() : event.key)
  const parts = [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && !isSign ? 'Shift' : '',
    key,
  ]
  return parts.filter((part) => part !== '').join('+')
}

/** True for a chord of one letter, digit or sign, with or without shift: such keys can be switched off (WCAG 2.2, 2.1.4). */
export const isCharacterChord = (chord: string): boolean => /^(Shift\+)?[^\s]$/u.test(chord)

/** True for a chord that also acts while a person is typing: with control or alt, or a function key. Undo belongs to the text. */
export const actsWhileTyping = (chord: string): boolean =>
  (/^(Ctrl|Alt)\+/.test(chord) || /^(Shift\+)?F\d+$/.test(chord)) &&
  !['Ctrl+Z', 'Ctrl+Shift+Z', 'Ctrl+A', 'Ctrl+C', 'Ctrl+V', 'Ctrl+X'].includes(chord)
