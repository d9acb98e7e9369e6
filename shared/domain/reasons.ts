import type { DecisionAction } from './decision.ts'

/** A ready reason for a decision: one key, one code that reports can count, one sentence. */
export interface DecisionReason {
  readonly code: string
  readonly key: '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'
  readonly label: string
}

/** The reasons offered per action, by the digit that picks them. The last one asks for words of one's own. */
export const decisionReasons: Readonly<Partial<Record<DecisionAction, readonly DecisionReason[]>>> = {
  approve: [
    { code: 'evidence_complete', key: '1', label: 'Evidence complete and consistent' },
    { code: 'corrected', key: '2', label: 'Earlier findings corrected' },
    { code: 'sample_consistent', key: '3', label: 'Sample checked, no misstatement found' },
    { code: 'minor_immaterial', key: '4', label: 'Minor deviations, immaterial' },
    { code: 'other', key: '9', label: 'Other, in my own words' },
  ],
  reject: [
    { code: 'double_counting', key: '1', label: 'Counted twice (ticket, file or credit)' },
    { code: 'mass_balance', key: '2', label: 'Mass balance does not close' },
    { code: 'wrong_place_or_time', key: '3', label: 'Place or time contradicts the claim' },
    { code: 'evidence_altered', key: '4', label: 'Evidence altered or not authentic' },
    { code: 'not_eligible', key: '5', label: 'Not eligible under the standard' },
    { code: 'other', key: '9', label: 'Other, in my own words' },
  ],
  request_changes: [
    { code: 'missing_evidence', key: '1', label: 'Evidence missing' },
    { code: 'unreadable', key: '2', label: 'Evidence unreadable' },
    { code: 'calibration', key: '3', label: 'Calibration missing or expired' },
    { code: 'clarify_quantity', key: '4', label: 'Quantity to be clarified' },
    { code: 'open_findings', key: '5', label: 'Open findings to be answered' },
    { code: 'other', key: '9', label: 'Other, in my own words' },
  ],
  verify: [{ code: 'verified', key: '1', label: 'Verified, certificate signed' }],
}
