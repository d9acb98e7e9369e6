import { useCallback, useState } from 'react'
import type { BatchListRow, DecisionOutcome } from '../../../shared/contract/views.ts'
import type { AppError, Result } from '../../../shared/result.ts'
import { actionWords, batches } from '../../app/decision/action-words.ts'
import type { GivenReason, QueueAction } from '../../app/decision/reason-strip.ts'
import { useSettings } from '../../app/settings.tsx'
import { useToast } from '../../app/toasts.tsx'
import { useUndo } from '../../app/undo.tsx'
import { bridge } from '../../bridge.ts'

/** A batch of a decision that was refused, with the reason. */
export interface Refusal {
  readonly row: BatchListRow
  readonly message: string
}

/** What became of a decision on many. */
export interface Outcome {
  readonly done: string
  readonly recorded: number
  readonly refusals: readonly Refusal[]
}

/** The most batches that one call takes; more go in several calls. */
const largestCall = 5000

type Call = (rows: readonly BatchListRow[]) => Promise<Result<readonly DecisionOutcome[]>>

async function inCalls(rows: readonly BatchListRow[], call: Call): Promise<Result<readonly DecisionOutcome[]>> {
  const outcomes: DecisionOutcome[] = []
  for (let start = 0; start < rows.length; start += largestCall) {
    const result = await call(rows.slice(start, start + largestCall))
    if (!result.ok) return outcomes.length === 0 ? result : { ok: true, value: outcomes }
    outcomes.push(...result.value)
  }
  return { ok: true, value: outcomes }
}

async function takeBack(mutationIds: readonly string[]): Promise<AppError | null> {
  for (let start = 0; start < mutationIds.length; start += largestCall) {
    const result = await bridge.invoke('decision.undo', { mutationIds: mutationIds.slice(start, start + largestCall) })
    if (!result.ok) return result.error
    const late = result.value.filter((outcome) => outcome.refused !== null)
    const first = late[0]?.refused
    if (first !== null && first !== undefined)
      return {
        code: 'blocked',
        message: `${batches(late.length)} could not be undone: ${first.message}`,
        action: 'A decision that was sent stays on record; decide again to correct it.',
      }
  }
  return null
}

/** Records decisions and claims from the queue, says what became of them, and makes them undoable. */
export function useDecisions(): {
  readonly decide: (action: QueueAction, reason: GivenReason, rows: readonly BatchListRow[]) => Promise<boolean>
  readonly claim: (rows: readonly BatchListRow[]) => Promise<boolean>
  readonly outcome: Outcome | null
  readonly forgetOutcome: () => void
} {
  const say = useToast()
  const undo = useUndo()
  const { settings } = useSettings()
  const [outcome, setOutcome] = useState<Outcome | null>(null)

  /** Tells what became of a call; answers with the mutations that were recorded, or null when it failed as a whole. */
  const tell = useCallback(
    (
      done: string,
      rows: readonly BatchListRow[],
      result: Result<readonly DecisionOutcome[]>,
    ): readonly string[] | null => {
      if (!result.ok) {
        say({
          text: result.error.message,
          ...(result.error.action === undefined ? {} : { detail: result.error.action }),
        })
        return null
      }
      const byId = new Map(rows.map((row) => [row.id, row]))
      const refusals = result.value.flatMap(({ batchId, refused }) => {
        const row = byId.get(batchId)
        return refused === null || row === undefined ? [] : [{ row, message: refused.message }]
      })
      const recorded = result.value.flatMap(({ mutationId, refused }) =>
        refused === null && mutationId !== null ? [mutationId] : [],
      )
      setOutcome(refusals.length === 0 ? null : { done, recorded: recorded.length, refusals })
      return recorded
    },
    [say],
  )

  const decide = useCallback(
    async (action: QueueAction, reason: GivenReason, rows: readonly BatchListRow[]) => {
      const { done } = actionWords[action]
      // What was not opened is named on the strip before the reason is given: giving it is the acknowledgement.
      const acknowledgedGates = rows.some((row) => row.viewedCount < row.evidenceCount) ? ['unviewed_evidence'] : []
      const record: Call = (some) =>
        bridge.invoke('decision.record', {
          batchIds: some.map((row) => row.id),
          action,
          reasonCode: reason.code,
          reason: reason.words,
          acknowledgedGates,
        })
      let mutations = tell(done, rows, await inCalls(rows, record)) ?? []
      if (mutations.length === 0) return false
      const label = `${done} ${batches(mutations.length)}`
      undo.did({
        label,
        undo: () => takeBack(mutations),
        redo: async () => {
          const again = await inCalls(rows, record)
          mutations = tell(done, rows, again) ?? []
          return again.ok ? null : again.error
        },
      })
      say({
        text: label,
        detail: reason.words,
        action: { label: 'Undo', keys: 'Ctrl+Z', run: undo.undo },
        seconds: Math.max(settings.holdSeconds, 6),
        countdown: settings.holdSeconds > 0,
      })
      return true
    },
    [say, tell, undo, settings.holdSeconds],
  )

  const claim = useCallback(
    async (rows: readonly BatchListRow[]) => {
      const result = await inCalls(rows, (some) =>
        bridge.invoke('batch.claim', { batchIds: some.map((row) => row.id) }),
      )
      const mutations = tell('Claimed', rows, result) ?? []
      if (mutations.length > 0)
        say({ text: `Claimed ${batches(mutations.length)}`, detail: 'They are in your queue now.' })
      return mutations.length > 0
    },
    [say, tell],
  )
  return { decide, claim, outcome, forgetOutcome: useCallback(() => setOutcome(null), []) }
}
