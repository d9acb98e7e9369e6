/** How the name of an outbox file ends. */
export const outboxFileExtension = '.veridesk-outbox'

/** Caps on an outbox file; the cloud's function and the reader of the workstation take nothing larger. */
export const outboxFileLimits = {
  /** Bytes of the whole file. */
  bytes: 32 * 1024 * 1024,
  changes: 10_000,
} as const
