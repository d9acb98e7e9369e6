import { type DecisionReason, decisionReasons } from '../../../shared/domain/reasons.ts'

/** What can be decided from the queue. */
export type QueueAction = 'approve' | 'reject' | 'request_changes'

/** The reason of a decision, as it is recorded. */
export interface GivenReason {
  readonly code: string
  readonly words: string
}

/** The strip that asks for a reason. `confirming` asks once more, because many batches are meant. */
export type ReasonStrip =
  | { readonly kind: 'closed' }
  | { readonly kind: 'choosing'; readonly action: QueueAction; readonly count: number }
  | { readonly kind: 'writing'; readonly action: QueueAction; readonly count: number; readonly text: string }
  | { readonly kind: 'confirming'; readonly action: QueueAction; readonly count: number; readonly reason: GivenReason }

/** The reason that was given last, per action; `Enter` gives it again. */
export type LastReasons = Readonly<Partial<Record<QueueAction, GivenReason>>>

/** What the strip becomes, and the reason to record if the decision is made. */
export interface StripStep {
  readonly strip: ReasonStrip
  readonly record: { readonly action: QueueAction; readonly reason: GivenReason } | null
}

/** More batches than this are asked about once more. */
export const askAbove = 50

/** The key that asks for words of one's own. */
export const ownWordsKey = '9'

/** Nothing is asked. */
export const closedStrip: ReasonStrip = { kind: 'closed' }

/** The ready reasons of an action. */
export const reasonsOf = (action: QueueAction): readonly DecisionReason[] => decisionReasons[action] ?? []

/** Opens the strip for so many batches; with none there is nothing to ask. */
export const openStrip = (action: QueueAction, count: number): ReasonStrip =>
  count === 0 ? closedStrip : { kind: 'choosing', action, count }

const stay = (strip: ReasonStrip): StripStep => ({ strip, record: null })

/** Gives a reason: recorded at once, or asked about once more where many batches are meant. */
export function giveReason(action: QueueAction, count: number, reason: GivenReason): StripStep {
  if (count > askAbove) return stay({ kind: 'confirming', action, count, reason })
  return { strip: closedStrip, record: { action, reason } }
}

/** Picks a ready reason; the last one leads to words of one's own. */
export function pickReason(strip: ReasonStrip, picked: DecisionReason): StripStep {
  if (strip.kind !== 'choosing') return stay(strip)
  if (picked.key === ownWordsKey) return stay({ kind: 'writing', action: strip.action, count: strip.count, text: '' })
  return giveReason(strip.action, strip.count, { code: picked.code, words: picked.label })
}

/** Records what was asked about once more. */
export function confirmReason(strip: ReasonStrip): StripStep {
  if (strip.kind !== 'confirming') return stay(strip)
  return { strip: closedStrip, record: { action: strip.action, reason: strip.reason } }
}

/** Gives the written words as the reason; empty words are none. */
export function submitWords(strip: ReasonStrip): StripStep {
  if (strip.kind !== 'writing') return stay(strip)
  const words = strip.text.trim()
  if (words === '') return stay(strip)
  const code = reasonsOf(strip.action).find((reason) => reason.key === ownWordsKey)?.code ?? 'other'
  return giveReason(strip.action, strip.count, { code, words })
}

/** What a key does to the strip. `key` is a chord: a digit picks, Enter repeats the last reason or confirms, Escape steps back. */
export function pressKey(strip: ReasonStrip, key: string, last: LastReasons): StripStep {
  switch (strip.kind) {
    case 'closed':
      return stay(strip)
    case 'choosing': {
      if (key === 'Escape') return stay(closedStrip)
      const repeated = last[strip.action]
      if (key === 'Enter') return repeated === undefined ? stay(strip) : giveReason(strip.action, strip.count, repeated)
      const picked = reasonsOf(strip.action).find((reason) => reason.key === key)
      return picked === undefined ? stay(strip) : pickReason(strip, picked)
    }
    case 'writing':
      if (key === 'Escape') return stay({ kind: 'choosing', action: strip.action, count: strip.count })
      return key === 'Enter' ? submitWords(strip) : stay(strip)
    case 'confirming':
      if (key === 'Escape') return stay({ kind: 'choosing', action: strip.action, count: strip.count })
      return key === 'Enter' ? confirmReason(strip) : stay(strip)
  }
}
