import type { Score } from '../../../../shared/domain/score.ts'

/** What was written on a criterion and is not part of a recorded score yet. */
export interface CriterionDraft {
  readonly note: string
  readonly evidenceFileIds: readonly string[]
}

/** Drafts by criterion code. */
export type CriterionDrafts = Readonly<Record<string, CriterionDraft>>

/** A criterion as the person sees it: the recorded score with the draft on top. */
export interface CriterionWork {
  readonly points: number | null
  readonly notApplicableReason: string | null
  readonly note: string
  readonly evidenceFileIds: readonly string[]
  /** True once points or a reason are recorded. */
  readonly scored: boolean
  /** True while note or links are a draft. */
  readonly unsaved: boolean
}

/** What a verifier gives: points, or a reason why the criterion does not apply. */
export type Verdict =
  | { readonly points: number; readonly notApplicableReason: null }
  | { readonly points: null; readonly notApplicableReason: string }

/** Puts the recorded score and the draft together. */
export function workOn(score: Score | undefined, draft: CriterionDraft | undefined): CriterionWork {
  return {
    points: score?.points ?? null,
    notApplicableReason: score?.notApplicableReason ?? null,
    note: draft?.note ?? score?.note ?? '',
    evidenceFileIds: draft?.evidenceFileIds ?? score?.evidenceFileIds ?? [],
    scored: score !== undefined && (score.points !== null || score.notApplicableReason !== null),
    unsaved: draft !== undefined,
  }
}

/** The recorded verdict, to be sent again with another note; null where there is none. */
export function verdictOf(work: CriterionWork): Verdict | null {
  if (work.points !== null) return { points: work.points, notApplicableReason: null }
  if (work.notApplicableReason !== null) return { points: null, notApplicableReason: work.notApplicableReason }
  return null
}

/** Adds a file to the links, or takes it away. */
export const toggled = (fileIds: readonly string[], fileId: string): readonly string[] =>
  fileIds.includes(fileId) ? fileIds.filter((id) => id !== fileId) : [...fileIds, fileId]

/** Reads kept drafts; what cannot be read is left out. */
export function readCriterionDrafts(body: string | null): CriterionDrafts {
  if (body === null) return {}
  try {
    const saved: unknown = JSON.parse(body)
    if (typeof saved !== 'object' || saved === null) return {}
    return Object.fromEntries(
      Object.entries(saved).flatMap(([code, draft]: [string, unknown]) => {
        if (typeof draft !== 'object' || draft === null) return []
        const note = 'note' in draft && typeof draft.note === 'string' ? draft.note : ''
        const ids: readonly unknown[] =
          'evidenceFileIds' in draft && Array.isArray(draft.evidenceFileIds) ? draft.evidenceFileIds : []
        return [[code, { note, evidenceFileIds: ids.filter((id) => typeof id === 'string') }]]
      }),
    )
  } catch {
    return {}
  }
}

/** What is kept of the drafts; null when there are none. */
export const writeCriterionDrafts = (drafts: CriterionDrafts): string | null =>
  Object.keys(drafts).length === 0 ? null : JSON.stringify(drafts)

/** The drafts with one more, or with one less when `draft` is null. */
export function withDraft(drafts: CriterionDrafts, code: string, draft: CriterionDraft | null): CriterionDrafts {
  const { [code]: _, ...others } = drafts
  return draft === null ? others : { ...others, [code]: draft }
}
