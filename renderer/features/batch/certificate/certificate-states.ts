import type { BatchDetail } from '../../../../shared/contract/views.ts'
import type { OutboxState } from '../../../../shared/domain/sync-state.ts'

/** One step in the life of a certificate. */
export interface CertificateStep {
  readonly label: string
  /** When, or null while it has not happened. */
  readonly at: string | null
  /** True where the time is only the signing computer's word. */
  readonly claimed: boolean
}

/** What stands in the way of something that should reach the cloud; null when nothing does. */
export function outboxProblem(state: OutboxState | null): string | null {
  switch (state) {
    case 'conflict':
      return 'In conflict with the cloud. Settle it in the sync center (G C).'
    case 'rejected':
      return 'Refused by the cloud. The sync center says why (G C).'
    case 'waiting':
      return 'Waits for an earlier change that is in conflict. Settle that in the sync center (G C).'
    case 'superseded':
      return 'Given up in favor of the cloud. It stays readable.'
    case 'undone':
    case 'held':
    case 'queued':
    case 'sending':
    case 'applied':
    case null:
      return null
  }
}

/** Where something recorded here is on its way to the cloud, in a word. */
export function outboxWords(state: OutboxState | null, receivedAt: string | null, isSigned = false): string {
  if (receivedAt !== null || state === 'applied') return 'Accepted by the cloud'
  switch (state) {
    case 'held':
      // A signature is never undone, whatever holds the sending.
      return isSigned ? 'Saved here, waits to be sent' : 'Saved here, can still be undone'
    case 'queued':
      return 'Saved here, waits to be sent'
    case 'sending':
      return 'On its way to the cloud'
    case 'conflict':
      return 'In conflict'
    case 'rejected':
      return 'Refused by the cloud'
    case 'waiting':
      return 'Waits for an earlier change'
    case 'undone':
      return 'Undone'
    case 'superseded':
      return 'Given up'
    case null:
      return 'From the cloud'
  }
}

/** The honest states of a certificate: signed here is a claim, accepted by the cloud is not. */
export const certificateSteps = (
  certificate: Pick<BatchDetail['certificates'][number], 'claimedAt' | 'receivedAt'>,
): readonly CertificateStep[] => [
  { label: 'Signed here', at: certificate.claimedAt, claimed: true },
  { label: 'Accepted by the cloud', at: certificate.receivedAt, claimed: false },
]
