import { assertNever } from '../../shared/assert-never.ts'
import type { ConnectionState, SyncState } from '../../shared/domain/sync-state.ts'

/** A connection in words: a short name for the status bar and a sentence that says what it means for the work. */
export function connectionWords(connection: ConnectionState): {
  readonly name: string
  readonly sentence: string
  readonly tone: 'on' | 'off' | 'warning'
} {
  switch (connection.kind) {
    case 'connecting':
      return { name: 'Connecting', sentence: 'The cloud is being asked. Work goes on meanwhile.', tone: 'off' }
    case 'online':
      return { name: 'Online', sentence: 'Changes are exchanged with the cloud as they happen.', tone: 'on' }
    case 'switched_off':
      return {
        name: 'Working offline',
        sentence: 'You switched the connection off. Everything is kept here and sent when you switch it on again.',
        tone: 'off',
      }
    case 'offline':
      switch (connection.reason) {
        case 'no_network':
          return {
            name: 'Offline',
            sentence: 'There is no network. Work goes on; everything is kept here and sent when the network is back.',
            tone: 'off',
          }
        case 'cloud_unreachable':
          return {
            name: 'Cloud not reachable',
            sentence:
              'The network is there, but the cloud does not answer. Work goes on; sending is tried again by itself.',
            tone: 'warning',
          }
        case 'session_expired':
          return {
            name: 'Sign in to send',
            sentence: 'Your session has expired. Work goes on; enter your password to send and receive again.',
            tone: 'warning',
          }
        case 'account_refused':
          return {
            name: 'Not let in',
            sentence:
              'The cloud does not let this account or this computer in. Work goes on and is kept here; the sync center says what to do.',
            tone: 'warning',
          }
        default:
          return assertNever(connection.reason)
      }
    default:
      return assertNever(connection)
  }
}

/** How many changes the cloud does not hold yet, whatever the reason. */
export const unsentCount = ({ counts }: Pick<SyncState, 'counts'>): number =>
  counts.held + counts.queued + counts.sending + counts.waiting + counts.conflict + counts.rejected

/** How many changes wait for a choice by the person. */
export const attentionCount = ({ counts }: Pick<SyncState, 'counts'>): number => counts.conflict + counts.rejected
