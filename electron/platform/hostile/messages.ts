import type { DecisionAction } from '../../../shared/domain/decision.ts'
import type { Instant, Sha256 } from '../../../shared/domain/ids.ts'
import type { MutationKind } from '../../../shared/domain/sync-state.ts'
import type { VerificationReport } from '../../../shared/domain/verification-report.ts'

/** What the child is asked to read: one line of JSON on its standard input, which the bytes follow. */
export type HostileRequest =
  | { readonly kind: 'photo' }
  | { readonly kind: 'csv' }
  | { readonly kind: 'workbook' }
  | { readonly kind: 'outbox' }
  | {
      readonly kind: 'certificate'
      /** Certificates that vouch for signers, DER in base64. */
      readonly trustAnchors: readonly string[]
      /** The instant at which certificates must be valid. */
      readonly at: Instant
    }

/** What a photo says about itself. Every field is a claim. */
export interface ReadPhoto {
  readonly kind: 'photo'
  readonly width: number | null
  readonly height: number | null
  /** As written in the file: local time without a zone, `2026-03-04T10:20:30`, or with one where the file gives an offset. */
  readonly takenAt: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly camera: string | null
}

/** Tables as text, capped. */
export interface ReadTable {
  readonly kind: 'table'
  readonly sheets: readonly {
    readonly name: string
    readonly rows: readonly (readonly string[])[]
    readonly totalRows: number
    readonly truncated: boolean
  }[]
}

/** What a signed PDF came to. */
export interface CheckedCertificate {
  readonly kind: 'certificate'
  readonly report: VerificationReport
}

/** An outbox file whose form is right. Who made it is a claim until the cloud has found its key to be registered. */
export interface ReadOutbox {
  readonly kind: 'outbox'
  /** True where the key that the file names signed exactly this text, and every attachment is what its name says. */
  readonly sound: boolean
  /** SHA-256 of the signed text. */
  readonly fingerprint: Sha256
  readonly personId: string
  readonly personName: string
  readonly personEmail: string
  readonly deviceName: string
  readonly cloudName: string
  readonly cloudUrl: string
  readonly serverEpoch: string
  /** By the clock of the device that made it. */
  readonly madeAt: Instant
  readonly attachments: number
  readonly changes: readonly {
    readonly mutationId: string
    readonly kind: MutationKind
    /** What a decision decides; null for other kinds. */
    readonly action: DecisionAction | null
    readonly batchId: string
    readonly occurredAt: string
  }[]
}

/** What a file was found to hold. */
export type HostileContent = ReadPhoto | ReadTable | CheckedCertificate | ReadOutbox

/** What the child answers on its standard output: one line of JSON. */
export type HostileAnswer = HostileContent | { readonly kind: 'unreadable'; readonly reason: string }

/** How each kind of file is read. What a reader throws makes the file unreadable. */
export type HostileReaders = {
  readonly [Kind in HostileRequest['kind']]: (
    bytes: Uint8Array,
    request: Extract<HostileRequest, { readonly kind: Kind }>,
  ) => HostileContent | Promise<HostileContent>
}

/** Caps on one reading. */
export const hostileLimits = {
  /** Bytes of input. */
  inputBytes: 64 * 1024 * 1024,
  /** Bytes of answer. */
  outputBytes: 8 * 1024 * 1024,
  /** Milliseconds until the child is killed. */
  milliseconds: 15_000,
  /** Megabytes of JavaScript heap. */
  heapMegabytes: 256,
  /** Bytes of resident memory, watched from outside where the system tells. */
  residentBytes: 768 * 1024 * 1024,
  rows: 5_000,
  columns: 100,
  cellCharacters: 1_000,
  sheets: 20,
} as const
