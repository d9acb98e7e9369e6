import { describe, expect, it } from 'vitest'
import { actsWhileTyping, chordOf, isCharacterChord } from './key-chord.ts'
import { type KeyBinding, type KeyContext, resolveKey } from './resolve-key.ts'

const event = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
})
const binding = (keys: string, more: Partial<KeyBinding> = {}): KeyBinding => ({
  keys,
  label: keys,
  group: 'Test',
  run: () => undefined,
  ...more,
})
const onPage: KeyContext = { target: 'page', singleLetterKeys: true, pending: null }
const bindings = [binding('J'), binding('Enter'), binding('Ctrl+K'), binding('Ctrl+Z'), binding('G Q'), binding('F6')]
const kindOf = (chord: string, context: Partial<KeyContext> = {}) =>
  resolveKey(chord, bindings, { ...onPage, ...context }).kind

describe('chordOf', () => {
  it('names letters in capitals and shift only where it is not part of the sign', () => {
    expect(chordOf(event('j'))).toBe('J')
    expect(chordOf(event('J', { shiftKey: true }))).toBe('Shift+J')
    expect(chordOf(event('?', { shiftKey: true }))).toBe('?')
    expect(chordOf(event('*', { shiftKey: true }))).toBe('*')
    expect(chordOf(event(' '))).toBe('Space')
    expect(chordOf(event('F6', { shiftKey: true }))).toBe('Shift+F6')
  })

  it('takes the command key for control', () => {
    expect(chordOf(event('k', { metaKey: true }))).toBe('Ctrl+K')
    expect(chordOf(event('Z', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+Z')
    expect(chordOf(event('ArrowLeft', { altKey: true }))).toBe('Alt+Left')
  })

  it('is nothing while only a modifier is down', () => {
    expect(chordOf(event('Shift', { shiftKey: true }))).toBeNull()
  })
})

describe('chords', () => {
  it('of one character can be switched off, others cannot', () => {
    expect(['J', 'Shift+J', '*', '1', '/'].every(isCharacterChord)).toBe(true)
    expect(['Enter', 'F6', 'Ctrl+K', 'Space', 'Alt+Left'].some(isCharacterChord)).toBe(false)
  })

  it('leave undo to the text that is being typed', () => {
    expect(actsWhileTyping('Ctrl+K')).toBe(true)
    expect(actsWhileTyping('Shift+F6')).toBe(true)
    expect(actsWhileTyping('Ctrl+Z')).toBe(false)
    expect(actsWhileTyping('J')).toBe(false)
  })
})

describe('resolveKey', () => {
  it('runs the binding of a chord', () => {
    expect(resolveKey('J', bindings, onPage)).toEqual({ kind: 'run', binding: bindings[0] })
  })

  it('never lets a letter act while typing, and lets control chords through', () => {
    expect(kindOf('J', { target: 'typing' })).toBe('none')
    expect(kindOf('Enter', { target: 'typing' })).toBe('none')
    expect(kindOf('Ctrl+Z', { target: 'typing' })).toBe('none')
    expect(kindOf('Ctrl+K', { target: 'typing' })).toBe('run')
  })

  it('leaves Enter to a focused button', () => {
    expect(kindOf('Enter', { target: 'control' })).toBe('none')
    expect(kindOf('J', { target: 'control' })).toBe('run')
  })

  it('does nothing behind a dialog or a menu', () => {
    expect(kindOf('J', { target: 'overlay' })).toBe('none')
    expect(kindOf('Ctrl+K', { target: 'overlay' })).toBe('none')
  })

  it('waits for the second key of a sequence', () => {
    expect(kindOf('G')).toBe('pending')
    expect(resolveKey('Q', bindings, { ...onPage, pending: 'G' })).toEqual({ kind: 'run', binding: bindings[4] })
  })

  it('takes a key for itself when it does not continue the sequence', () => {
    expect(resolveKey('J', bindings, { ...onPage, pending: 'G' })).toEqual({ kind: 'run', binding: bindings[0] })
  })

  it('keeps character keys still when they are switched off, sequences too', () => {
    expect(kindOf('J', { singleLetterKeys: false })).toBe('none')
    expect(kindOf('G', { singleLetterKeys: false })).toBe('none')
    expect(kindOf('Enter', { singleLetterKeys: false })).toBe('run')
  })

  it('prefers the binding that was added last', () => {
    const nearer = binding('J', { label: 'nearer' })
    expect(resolveKey('J', [...bindings, nearer], onPage)).toEqual({ kind: 'run', binding: nearer })
  })

  it('does not fall back to a farther binding when the nearer one is disabled', () => {
    expect(resolveKey('J', [...bindings, binding('J', { disabled: true })], onPage).kind).toBe('none')
  })
})
