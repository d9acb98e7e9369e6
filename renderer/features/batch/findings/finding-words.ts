import type { FindingKind, FindingRound, FindingStatus } from '../../../../shared/domain/finding.ts'
import type { Tone } from '../../../ui/badge.tsx'

/** What each kind of finding is called, short and in full. */
export const findingKindWords: Readonly<
  Record<FindingKind, { readonly short: string; readonly full: string; readonly tone: Tone; readonly effect: string }>
> = {
  car: {
    short: 'CAR',
    full: 'Corrective action request (CAR)',
    tone: 'danger',
    effect: 'Blocks a positive decision until it is closed.',
  },
  cl: {
    short: 'CL',
    full: 'Clarification (CL)',
    tone: 'warning',
    effect: 'Blocks a positive decision until it is closed.',
  },
  far: {
    short: 'FAR',
    full: 'Forward action request (FAR)',
    tone: 'accent',
    effect: 'Only if immaterial and correctable within a year. Does not block.',
  },
  observation: { short: 'Observation', full: 'Observation', tone: 'neutral', effect: 'Never blocks.' },
}

/** What each status of a finding is called. */
export const findingStatusWords: Readonly<Record<FindingStatus, string>> = {
  open: 'Open',
  answered: 'Answered',
  closed: 'Closed',
  withdrawn: 'Withdrawn',
}

/** What happened in a round. */
export const roundWords: Readonly<Record<FindingRound['kind'], string>> = {
  raised: 'Raised',
  response: 'Answer',
  review: 'Review',
}
