/** Why a decision may not be taken, or what must be acknowledged before it is. */
export type GateCode =
  | 'transition'
  | 'role'
  | 'not_assigned'
  | 'four_eyes'
  | 'open_findings'
  | 'knock_out'
  | 'incomplete_scores'
  | 'unviewed_evidence'
  | 'altered_evidence'
  | 'risk_threshold'
  | 'stale'
  | 'conflict_pending'
  | 'conflict_of_interest'
  | 'accreditation'
  | 'independence'
  | 'rotation'

/** One gate that is not open. `blocks` stops the decision; `acknowledge` lets it through once the person has said so. */
export interface Gate {
  readonly code: GateCode
  readonly severity: 'blocks' | 'acknowledge'
  /** One plain sentence that names the thing: which finding, which file, which criterion. */
  readonly message: string
  /** What to do about it. */
  readonly action: string
  /** The rows concerned, so that the screen can lead there. */
  readonly subjects: readonly {
    readonly kind: 'finding' | 'evidence_file' | 'criterion' | 'decision'
    readonly id: string
  }[]
}
