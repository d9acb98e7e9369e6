import type { HandoverChange, HandoverFate } from '../../../shared/contract/handover-views.ts'
import type { DecisionAction } from '../../../shared/domain/decision.ts'
import type { MutationKind } from '../../../shared/domain/sync-state.ts'
import { formatNoun } from '../../ui/format.ts'

const kindWords: Readonly<Record<Exclude<MutationKind, 'decision.record'>, readonly [one: string, many: string]>> = {
  'batch.claim': ['claim', 'claims'],
  'score.set': ['score', 'scores'],
  'finding.raise': ['new finding', 'new findings'],
  'finding.respond': ['answer to a finding', 'answers to findings'],
  'finding.close': ['closed finding', 'closed findings'],
  'finding.withdraw': ['withdrawn finding', 'withdrawn findings'],
  'certificate.issue': ['certificate', 'certificates'],
  'independence.declare': ['declaration of independence', 'declarations of independence'],
}

const actionWords: Readonly<Record<DecisionAction, readonly [one: string, many: string]>> = {
  approve: ['approval', 'approvals'],
  reject: ['rejection', 'rejections'],
  request_changes: ['request for changes', 'requests for changes'],
  verify: ['verification', 'verifications'],
  claim: ['claim', 'claims'],
  resubmit: ['resubmission', 'resubmissions'],
  retire: ['retirement', 'retirements'],
}

const wordsOf = ({ kind, action }: Pick<HandoverChange, 'kind' | 'action'>): readonly [one: string, many: string] =>
  kind === 'decision.record' ? (action === null ? ['decision', 'decisions'] : actionWords[action]) : kindWords[kind]

/** What one change is, such as "Approval". */
export const changeName = (change: Pick<HandoverChange, 'kind' | 'action'>): string => {
  const [one] = wordsOf(change)
  return `${one.slice(0, 1).toUpperCase()}${one.slice(1)}`
}

/** What a file holds, the most frequent first: "12 scores, 3 approvals, 1 rejection". */
export function changesInWords(changes: readonly Pick<HandoverChange, 'kind' | 'action'>[]): string {
  const counts = new Map<string, { readonly words: readonly [string, string]; count: number }>()
  for (const change of changes) {
    const words = wordsOf(change)
    const known = counts.get(words[0])
    if (known === undefined) counts.set(words[0], { words, count: 1 })
    else known.count += 1
  }
  return [...counts.values()]
    .sort((left, right) => right.count - left.count)
    .map(({ words, count }) => formatNoun(count, words[0], words[1]))
    .join(', ')
}

/** What the cloud made of a change, in the order in which a person wants to know of them. */
export const fates: readonly {
  readonly status: HandoverFate['status']
  readonly label: string
  readonly tone: 'danger' | 'warning' | 'success' | 'neutral'
}[] = [
  { status: 'rejected', label: 'Refused', tone: 'danger' },
  { status: 'conflict', label: 'Conflict', tone: 'warning' },
  { status: 'applied', label: 'Applied', tone: 'success' },
  { status: 'duplicate', label: 'Applied before', tone: 'neutral' },
]
