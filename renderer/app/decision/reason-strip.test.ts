import { describe, expect, it } from 'vitest'
import {
  closedStrip,
  type LastReasons,
  openStrip,
  pressKey,
  type QueueAction,
  type ReasonStrip,
  reasonsOf,
} from './reason-strip.ts'

const press = (strip: ReasonStrip, keys: readonly string[], last: LastReasons = {}) =>
  keys.reduce<ReturnType<typeof pressKey>>((step, key) => pressKey(step.strip, key, last), { strip, record: null })

describe('the reason strip', () => {
  it('records a decision with one digit', () => {
    expect(press(openStrip('approve', 1), ['1'])).toEqual({
      strip: closedStrip,
      record: { action: 'approve', reason: { code: 'evidence_complete', words: 'Evidence complete and consistent' } },
    })
  })

  it('has a reason on every digit that it offers, for every action', () => {
    for (const action of ['approve', 'reject', 'request_changes'] satisfies QueueAction[])
      for (const reason of reasonsOf(action)) {
        const step = press(openStrip(action, 1), [reason.key])
        expect(step.record?.reason.code ?? step.strip.kind).toBe(reason.key === '9' ? 'writing' : reason.code)
      }
  })

  it('repeats the last reason of the same action with Enter', () => {
    const last = { reject: { code: 'mass_balance', words: 'Mass balance does not close' } }
    expect(press(openStrip('reject', 1), ['Enter'], last).record?.reason.code).toBe('mass_balance')
    expect(press(openStrip('approve', 1), ['Enter'], last)).toEqual({ strip: openStrip('approve', 1), record: null })
  })

  it('asks once more above fifty batches, and not at fifty', () => {
    expect(press(openStrip('approve', 50), ['1']).record).not.toBeNull()
    const asked = press(openStrip('approve', 51), ['1'])
    expect(asked.record).toBeNull()
    expect(asked.strip).toMatchObject({ kind: 'confirming', count: 51 })
    expect(press(asked.strip, ['Enter']).record?.reason.code).toBe('evidence_complete')
  })

  it('takes words of one’s own and no empty ones', () => {
    const writing = press(openStrip('reject', 1), ['9']).strip
    expect(writing.kind).toBe('writing')
    expect(press(writing, ['Enter'])).toEqual({ strip: writing, record: null })
    if (writing.kind !== 'writing') return
    expect(pressKey({ ...writing, text: ' Two tickets carry one number. ' }, 'Enter', {}).record).toEqual({
      action: 'reject',
      reason: { code: 'other', words: 'Two tickets carry one number.' },
    })
  })

  it('asks once more about words of one’s own, too', () => {
    const strip: ReasonStrip = { kind: 'writing', action: 'reject', count: 80, text: 'Counted twice' }
    expect(pressKey(strip, 'Enter', {}).strip.kind).toBe('confirming')
  })

  it('steps back with Escape, one step at a time', () => {
    const asked = press(openStrip('approve', 60), ['1']).strip
    expect(press(asked, ['Escape']).strip).toEqual(openStrip('approve', 60))
    expect(press(asked, ['Escape', 'Escape']).strip).toEqual(closedStrip)
  })

  it('ignores keys that it does not know', () => {
    expect(press(openStrip('approve', 1), ['7', 'J', 'Space'])).toEqual({
      strip: openStrip('approve', 1),
      record: null,
    })
  })

  it('does not open for nothing', () => {
    expect(openStrip('approve', 0)).toEqual(closedStrip)
  })
})
