import type { OfflineReason } from '../../shared/domain/sync-state.ts'
import type { ErrorCode } from '../../shared/result.ts'

/** Why the cloud cannot be worked with after a run ended with an error of this code; null where it still can. */
export function whyOffline(code: ErrorCode, hasNetwork: () => boolean): OfflineReason | null {
  if (code === 'session_expired') return 'session_expired'
  if (code === 'cloud_unreachable') return hasNetwork() ? 'cloud_unreachable' : 'no_network'
  return code.startsWith('account_') || code === 'device_revoked' ? 'account_refused' : null
}
