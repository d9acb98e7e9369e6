import { useState } from 'react'
import type { BatchDetail } from '../../../../shared/contract/views.ts'
import type { Gate } from '../../../../shared/domain/gate.ts'
import type { OutboxItem } from '../../../../shared/domain/sync-state.ts'
import type { AppError } from '../../../../shared/result.ts'
import { actionWords } from '../../../app/decision/action-words.ts'
import {
  closedStrip,
  type GivenReason,
  type LastReasons,
  openStrip,
  type QueueAction,
  type ReasonStrip,
  type StripStep,
} from '../../../app/decision/reason-strip.ts'
import { useSettings } from '../../../app/settings.tsx'
import { useToast } from '../../../app/toasts.tsx'
import { useUndo } from '../../../app/undo.tsx'
import { useChannel, useRefresh } from '../../../app/use-channel.ts'
import { bridge } from '../../../bridge.ts'

/** Decisions that are taken with a reason; verifying is signing a certificate. */
export const reasonedActions: readonly QueueAction[] = ['approve', 'reject', 'request_changes']

/** The gates of an action that are not open; null when this person never takes it. */
export const gatesOf = (detail: BatchDetail, action: string): readonly Gate[] | null =>
  detail.actions.find((candidate) => candidate.action === action)?.gates ?? null

/** A decision on the open batch: the strip that asks for its reason, or the gates that forbid it. */
export interface BatchDecision {
  readonly strip: ReasonStrip
  readonly refusal: { readonly action: QueueAction; readonly gates: readonly Gate[] } | null
  readonly last: LastReasons
  /** What was given up to be made anew on this batch, and was not yet. */
  readonly toDecideAgain: readonly OutboxItem[]
  readonly start: (action: QueueAction) => void
  readonly step: (step: StripStep) => void
  readonly forgetRefusal: () => void
  readonly claim: () => Promise<void>
}

/** Reasons given last, kept for as long as the window is open. */
let lastReasons: LastReasons = {}

const nothing: readonly OutboxItem[] = []

/** The reasons of decisions that were given up to be decided again, the latest of each action. */
export function reasonsOfGivenUp(items: readonly OutboxItem[]): LastReasons {
  const reasons: Partial<Record<QueueAction, GivenReason>> = {}
  for (const { kind, mine } of items) {
    const action = reasonedActions.find((each) => each === mine.action)
    if (kind === 'decision.record' && action !== undefined && reasons[action] === undefined)
      reasons[action] = { code: String(mine.reason_code), words: String(mine.reason) }
  }
  return reasons
}

/** Takes decisions on the open batch, and makes them undoable until they are sent. */
export function useBatchDecision(detail: BatchDetail): BatchDecision {
  const [strip, setStrip] = useState<ReasonStrip>(closedStrip)
  const [refusal, setRefusal] = useState<BatchDecision['refusal']>(null)
  const say = useToast()
  const undo = useUndo()
  const refresh = useRefresh()
  const { settings } = useSettings()
  const batchId = detail.batch.id
  const { data: toDecideAgain = nothing } = useChannel('outbox.toDecideAgain', { batchId })
  // `Enter` gives the reason of the decision that was given up again.
  const last: LastReasons = { ...lastReasons, ...reasonsOfGivenUp(toDecideAgain) }

  const tell = (error: Pick<AppError, 'message' | 'action'>) =>
    say({ text: error.message, ...(error.action === undefined ? {} : { detail: error.action }) })

  const record = async (action: QueueAction, reason: GivenReason): Promise<AppError | null> => {
    const acknowledgedGates = (gatesOf(detail, action) ?? [])
      .filter(({ severity }) => severity === 'acknowledge')
      .map(({ code }) => code)
    const result = await bridge.invoke('decision.record', {
      batchIds: [batchId],
      action,
      reasonCode: reason.code,
      reason: reason.words,
      acknowledgedGates,
    })
    refresh('batch.get', 'batch.rows', 'outbox.toDecideAgain')
    if (!result.ok) return result.error
    const outcome = result.value[0]
    if (outcome?.refused !== null && outcome?.refused !== undefined)
      return { code: 'blocked', message: outcome.refused.message }
    const mutationId = outcome?.mutationId ?? null
    if (mutationId === null) return null
    const label = `${actionWords[action].done} 1 batch`
    undo.did({
      label,
      undo: async () => {
        const back = await bridge.invoke('decision.undo', { mutationIds: [mutationId] })
        refresh('batch.get', 'batch.rows', 'outbox.toDecideAgain')
        if (!back.ok) return back.error
        const late = back.value[0]?.refused
        return late === null || late === undefined
          ? null
          : {
              code: 'blocked',
              message: late.message,
              action: 'A decision that was sent stays on record; decide again to correct it.',
            }
      },
      redo: () => record(action, reason),
    })
    say({
      text: label,
      detail: reason.words,
      action: { label: 'Undo', keys: 'Ctrl+Z', run: undo.undo },
      seconds: Math.max(settings.holdSeconds, 6),
      countdown: settings.holdSeconds > 0,
    })
    return null
  }

  return {
    strip,
    refusal,
    last,
    toDecideAgain,
    start: (action) => {
      const gates = gatesOf(detail, action)
      const blocking = (gates ?? []).filter(({ severity }) => severity === 'blocks')
      if (gates === null)
        tell({ message: `You do not ${actionWords[action].command.toLowerCase()} batches at this stage.` })
      else if (blocking.length > 0) setRefusal({ action, gates: blocking })
      else setStrip(openStrip(action, 1))
    },
    step: (step) => {
      setStrip(step.strip)
      if (step.record === null) return
      const { action, reason } = step.record
      lastReasons = { ...lastReasons, [action]: reason }
      void record(action, reason).then((error) => {
        if (error !== null) tell(error)
      })
    },
    forgetRefusal: () => setRefusal(null),
    claim: async () => {
      const result = await bridge.invoke('batch.claim', { batchIds: [batchId] })
      refresh('batch.get', 'batch.rows')
      const refused = result.ok ? result.value[0]?.refused : null
      if (!result.ok) tell(result.error)
      else if (refused !== null && refused !== undefined) tell({ message: refused.message })
      else say({ text: 'Claimed. The batch is in your queue now.' })
    },
  }
}
