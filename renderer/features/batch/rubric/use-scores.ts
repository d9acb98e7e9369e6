import { useCallback, useEffect, useRef, useState } from 'react'
import type { BatchDetail } from '../../../../shared/contract/views.ts'
import type { AppError } from '../../../../shared/result.ts'
import { bridge } from '../../../bridge.ts'
import { useKeptDraft } from '../use-kept-draft.ts'
import {
  type CriterionDraft,
  type CriterionDrafts,
  type CriterionWork,
  readCriterionDrafts,
  toggled,
  type Verdict,
  verdictOf,
  withDraft,
  workOn,
  writeCriterionDrafts,
} from './criterion-work.ts'

/** How the rubric is worked on. */
export interface Scores {
  readonly workOf: (code: string) => CriterionWork
  /** Records points or a reason, with the note and the links as they stand. */
  readonly give: (code: string, verdict: Verdict) => void
  readonly writeNote: (code: string, note: string) => void
  /** Records the note with the score that is there; without one it stays a draft. */
  readonly keepNote: (code: string) => void
  readonly toggleLink: (code: string, fileId: string) => void
  /** Criteria whose score is being recorded. */
  readonly saving: ReadonlySet<string>
  readonly failure: { readonly code: string; readonly error: AppError } | null
}

/**
 * Scores are painted after the program has recorded them, never before. Calls go one after the other, so that the last key pressed
 * is the one that stays.
 */
export function useScores(detail: BatchDetail, putDetail: (detail: BatchDetail) => void): Scores {
  const batchId = detail.batch.id
  const kept = useKeptDraft(`batch.${batchId}.scores`)
  const [drafts, setDrafts] = useState<CriterionDrafts>({})
  const latest = useRef({ detail, drafts })
  latest.current.detail = detail
  const [saving, setSaving] = useState<ReadonlySet<string>>(new Set())
  const [failure, setFailure] = useState<Scores['failure']>(null)
  const queue = useRef<Promise<void>>(Promise.resolve())

  const read = useRef(false)
  useEffect(() => {
    if (read.current || kept.body === undefined) return
    read.current = true
    latest.current.drafts = readCriterionDrafts(kept.body)
    setDrafts(latest.current.drafts)
  }, [kept.body])

  const { save } = kept
  const putDraft = useCallback(
    (code: string, draft: CriterionDraft | null) => {
      latest.current.drafts = withDraft(latest.current.drafts, code, draft)
      setDrafts(latest.current.drafts)
      save(writeCriterionDrafts(latest.current.drafts))
    },
    [save],
  )

  const workNow = useCallback((code: string): CriterionWork => {
    const score = latest.current.detail.scores.find((candidate) => candidate.criterionCode === code)
    return workOn(score, latest.current.drafts[code])
  }, [])

  const record = useCallback(
    (code: string, verdict: (work: CriterionWork) => Verdict | null) => {
      const call = async () => {
        const work = workNow(code)
        const given = verdict(work)
        if (given === null) return
        const draft = latest.current.drafts[code]
        setSaving((codes) => new Set(codes).add(code))
        const result = await bridge.invoke('score.set', {
          batchId,
          criterionCode: code,
          ...given,
          note: work.note,
          evidenceFileIds: [...work.evidenceFileIds],
        })
        setSaving((codes) => new Set([...codes].filter((other) => other !== code)))
        setFailure(result.ok ? null : { code, error: result.error })
        if (!result.ok) return
        // Words that were written while the call was under way stay a draft.
        if (latest.current.drafts[code] === draft) putDraft(code, null)
        latest.current.detail = result.value
        putDetail(result.value)
      }
      queue.current = queue.current.then(call)
    },
    [batchId, putDetail, putDraft, workNow],
  )

  return {
    workOf: (code) =>
      workOn(
        detail.scores.find((score) => score.criterionCode === code),
        drafts[code],
      ),
    give: useCallback((code, verdict) => record(code, () => verdict), [record]),
    writeNote: (code, note) => putDraft(code, { note, evidenceFileIds: workNow(code).evidenceFileIds }),
    keepNote: (code) => {
      if (latest.current.drafts[code] !== undefined) record(code, verdictOf)
    },
    toggleLink: (code, fileId) => {
      const work = workNow(code)
      putDraft(code, { note: work.note, evidenceFileIds: toggled(work.evidenceFileIds, fileId) })
      record(code, verdictOf)
    },
    saving,
    failure,
  }
}
