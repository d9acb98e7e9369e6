/** An answer that crosses a boundary. Expected failures are values; only a defect is an exception. */
export type Result<Value, Failure = AppError> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure }

/** Every reason a call can fail for, in the words of the program. Text for people is in `message`; code decides on `code` alone. */
export type ErrorCode =
  | 'invalid_input'
  | 'not_found'
  | 'not_allowed'
  | 'not_signed_in'
  | 'locked'
  | 'wrong_password'
  | 'too_many_attempts'
  | 'account_pending'
  | 'account_rejected'
  | 'account_suspended'
  | 'device_revoked'
  | 'session_expired'
  | 'offline'
  | 'cloud_unreachable'
  | 'cloud_refused'
  | 'cloud_incompatible'
  | 'conflict'
  | 'stale'
  | 'blocked'
  | 'cancelled'
  | 'disk_full'
  | 'database_corrupt'
  | 'database_newer'
  | 'database_locked'
  | 'wrong_passphrase'
  | 'key_lost'
  | 'file_missing'
  | 'file_altered'
  | 'file_unreadable'
  | 'file_too_large'
  | 'signing_key_missing'
  | 'signing_key_wrong_passphrase'
  | 'signing_key_unreadable'
  | 'signing_certificate_expired'
  | 'signing_certificate_not_yet_valid'
  | 'signing_certificate_not_for_signing'
  | 'clock_wrong'
  | 'glyph_missing'
  | 'internal'

/** A failure a person can act on: what went wrong, and what to do about it. */
export interface AppError {
  readonly code: ErrorCode
  /** What happened, in one plain sentence. */
  readonly message: string
  /** What the person can do now, in one plain sentence. */
  readonly action?: string
  /** Facts for a support engineer; never shown as the message, never personal data. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>
}

/** A successful answer. */
export const ok = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({ ok: true, value })

/** A failed answer. */
export const fail = (
  code: ErrorCode,
  message: string,
  action?: string,
  detail?: AppError['detail'],
): { readonly ok: false; readonly error: AppError } => ({
  ok: false,
  error: { code, message, ...(action === undefined ? {} : { action }), ...(detail === undefined ? {} : { detail }) },
})
