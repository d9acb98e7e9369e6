import { describe, expect, it } from 'vitest'
import type { Score } from '../../../../shared/domain/score.ts'
import { readCriterionDrafts, toggled, verdictOf, withDraft, workOn, writeCriterionDrafts } from './criterion-work.ts'

const score = { points: 0, notApplicableReason: null, note: 'seen', evidenceFileIds: ['a'] } as unknown as Score

describe('the work on a criterion', () => {
  it('counts zero points as a score', () => {
    const work = workOn(score, undefined)
    expect(work).toMatchObject({ points: 0, scored: true, unsaved: false, note: 'seen' })
    expect(verdictOf(work)).toEqual({ points: 0, notApplicableReason: null })
  })

  it('shows the draft over what is recorded', () => {
    expect(workOn(score, { note: 'seen twice', evidenceFileIds: [] })).toMatchObject({
      note: 'seen twice',
      evidenceFileIds: [],
      unsaved: true,
    })
  })

  it('has nothing to send before there is a verdict', () => {
    expect(verdictOf(workOn(undefined, { note: 'first look', evidenceFileIds: [] }))).toBeNull()
  })

  it('links a file once, and takes the link away', () => {
    expect(toggled(['a'], 'b')).toEqual(['a', 'b'])
    expect(toggled(['a', 'b'], 'a')).toEqual(['b'])
  })
})

describe('drafts of the rubric', () => {
  it('survive a restart', () => {
    const drafts = withDraft({}, 'E-01', { note: 'half a thought', evidenceFileIds: ['a'] })
    expect(readCriterionDrafts(writeCriterionDrafts(drafts))).toEqual(drafts)
  })

  it('are forgotten when the last one is recorded', () => {
    const drafts = withDraft({ 'E-01': { note: 'x', evidenceFileIds: [] } }, 'E-01', null)
    expect(writeCriterionDrafts(drafts)).toBeNull()
  })

  it('are empty where they cannot be read', () => {
    for (const body of [null, '', '7', '{"E-01":3}']) expect(readCriterionDrafts(body)).toEqual({})
  })
})
