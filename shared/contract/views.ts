import type { AccessGrantKind, GrantState } from '../domain/access-grant.ts'
import type { Batch, BatchStatus } from '../domain/batch.ts'
import type { Certificate } from '../domain/certificate.ts'
import type { AssuranceLevel, Decision, DecisionAction, Opinion } from '../domain/decision.ts'
import type { EvidenceFile } from '../domain/evidence.ts'
import type { Finding } from '../domain/finding.ts'
import type { Gate } from '../domain/gate.ts'
import type { ClosedGrantGate, ClosedGrantState } from '../domain/grant-gates.ts'
import type { BatchId, Hundredths, Instant, MutationId, Sha256 } from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import type { Rubric } from '../domain/rubric.ts'
import type { Score } from '../domain/score.ts'
import type { Standard } from '../domain/standard.ts'
import type { OutboxState, RowSyncMark } from '../domain/sync-state.ts'

/** A cloud that the workstation can sign in to: the address and the publishable key of a Supabase project. */
export interface CloudProfile {
  readonly name: string
  readonly url: string
  readonly publishableKey: string
  /** Where the profile came from; a managed one cannot be changed on this computer. */
  readonly source: 'demo' | 'entered' | 'organization_file' | 'managed'
}

/** A demo person to sign in as, offered on the embedded demo cloud alone. */
export interface DemoPerson {
  readonly email: string
  readonly password: string
  readonly name: string
  readonly roleLabel: string
}

/** Who is at the desk. `locked`: a workspace is here, and its passphrase is needed. */
export type SessionState =
  | {
      readonly kind: 'signed_out'
      readonly clouds: readonly CloudProfile[]
      readonly lastCloudUrl: string | null
      readonly lastEmail: string | null
      readonly demoPeople: readonly DemoPerson[]
      /** Why nobody is signed in though somebody was: said once, in plain words. */
      readonly notice: { readonly code: string; readonly message: string; readonly action: string | null } | null
      /** False where the operating system keeps no secrets: a passphrase is then required. */
      readonly keychainAvailable: boolean
    }
  | { readonly kind: 'locked'; readonly email: string; readonly cloudName: string }
  | {
      readonly kind: 'signed_in'
      readonly person: Person
      readonly cloud: CloudProfile
      readonly deviceId: string
      /** True when the session must be renewed with the password before anything can be sent. Work goes on. */
      readonly needsPassword: boolean
      readonly protection: 'keychain' | 'passphrase'
    }

/** Answer of a connection test, in plain words. */
export interface CloudTest {
  readonly reachable: boolean
  readonly compatible: boolean
  readonly milliseconds: number | null
  readonly message: string
  readonly action: string | null
}

/** Filter of the queue. Empty lists mean no restriction. */
export interface BatchFilter {
  readonly text: string
  readonly statuses: readonly BatchStatus[]
  readonly standards: readonly Standard[]
  /** `assigned` (default): mine; `pool`: claimable; `all`: whatever is mirrored. */
  readonly assignment: 'assigned' | 'pool' | 'all'
  readonly unsentOnly: boolean
}

/** Order of the queue. */
export interface BatchSort {
  readonly by: 'risk' | 'due' | 'submitted' | 'quantity' | 'project' | 'status' | 'batch_hash'
  readonly direction: 'ascending' | 'descending'
}

/** A frozen snapshot of a queue: local row numbers in order. */
export interface BatchIdList {
  readonly rows: Uint32Array
  readonly takenAt: Instant
}

/** One row of the queue, as it is painted. */
export interface BatchListRow {
  /** Local row number, as in `BatchIdList.rows`. */
  readonly row: number
  readonly id: BatchId
  readonly batchHash: string
  readonly projectName: string
  readonly recyclerName: string
  readonly location: string
  readonly standard: Standard
  readonly quantity: Hundredths
  /** Status with the local decisions on top. */
  readonly status: BatchStatus
  readonly riskScore: number
  readonly riskReason: string | null
  readonly dateSubmitted: string
  readonly dueAt: Instant | null
  readonly evidenceCount: number
  readonly viewedCount: number
  readonly openFindings: number
  readonly score: Hundredths | null
  readonly syncMark: RowSyncMark
  /** True when the batch changed in the cloud after a local decision that is not applied. */
  readonly stale: boolean
}

/** How many batches have each status and standard, over the whole assignment filter. */
export interface BatchFacets {
  readonly total: number
  readonly byStatus: Readonly<Partial<Record<BatchStatus, number>>>
  readonly byStandard: Readonly<Partial<Record<Standard, number>>>
  readonly newSince: number
}

/** Whether a file is on this computer. */
export type FilePresence = 'present' | 'partial' | 'absent' | 'altered'

/** A piece of evidence as the batch screen lists it. */
export interface EvidenceView extends EvidenceFile {
  readonly presence: FilePresence
  /** When this person opened exactly these bytes, or null. */
  readonly viewedAt: Instant | null
}

/** Everything that the batch screen shows. */
export interface BatchDetail {
  readonly batch: Batch
  /** Status with the local decisions on top. */
  readonly status: BatchStatus
  readonly project: {
    readonly name: string
    readonly description: string | null
    readonly location: string
    readonly latitude: number | null
    readonly longitude: number | null
    readonly timeZone: string
  }
  readonly recyclerName: string
  readonly recyclerOrganization: string | null
  readonly assignments: readonly {
    readonly personName: string
    readonly role: string
    readonly dueAt: Instant | null
    readonly mine: boolean
  }[]
  readonly evidence: readonly EvidenceView[]
  readonly rubric: Rubric | null
  /** My scores. */
  readonly scores: readonly Score[]
  /** Weighted mean of my scores in hundredths; null while no applicable criterion is scored. */
  readonly scoreHundredths: Hundredths | null
  readonly unscoredCriteria: readonly string[]
  readonly findings: readonly Finding[]
  /** Over- and understatement from findings against materiality, in hundredths of the unit and in per cent of the quantity. */
  readonly materiality: {
    readonly overstatement: Hundredths
    readonly understatement: Hundredths
    readonly thresholdPercent: number
    readonly exceeded: boolean
  }
  readonly decisions: readonly (Decision & { readonly actorName: string; readonly outboxState: OutboxState | null })[]
  readonly certificates: readonly (Certificate & { readonly outboxState: OutboxState | null })[]
  /** What this person may do now, each with the gates that are not open. */
  readonly actions: readonly { readonly action: DecisionAction; readonly gates: readonly Gate[] }[]
  /** What of one's grants concerns this batch; empty for whoever decides nothing. */
  readonly standings: readonly GrantStanding[]
  readonly syncMark: RowSyncMark
  readonly stale: boolean
  /** All evidence is fetched first and stays on this computer. */
  readonly pinned: boolean
}

/** How the person stands to a batch by one gate of grants, in a sentence, and what to do where it is closed. */
export interface GrantStanding {
  readonly gate: ClosedGrantGate['gate']
  /** Whether the next decision needs it. */
  readonly required: boolean
  /** `unconfirmed`: declared here, not yet signed by the registry. */
  readonly state: 'in_force' | 'unconfirmed' | ClosedGrantState
  readonly until: Instant | null
  readonly message: string
  readonly action: string | null
}

/** One of the person's own grants, as a list shows it. */
export interface AccessGrantView {
  readonly id: string
  readonly kind: AccessGrantKind
  readonly title: string
  readonly detail: string
  /** Null where the grant cannot be believed. */
  readonly validFrom: Instant | null
  readonly validUntil: Instant | null
  readonly state: GrantState | 'conflict' | 'unconfirmed' | 'unbelieved'
  readonly revocationReason: string | null
}

/** An opened evidence file: where the viewer gets the bytes, below the window's own origin. */
export interface OpenedEvidence {
  /** Relative address such as `evidence/<token>`; lives as long as the window. */
  readonly url: string
  readonly mediaType: string
  readonly byteSize: number
  readonly sha256: Sha256
}

/** What a photo says about itself. All of it can be forged: shown as claimed. */
export interface PhotoFacts {
  readonly width: number | null
  readonly height: number | null
  readonly claimedTakenAt: string | null
  readonly claimedLatitude: number | null
  readonly claimedLongitude: number | null
  /** Meters between the claimed position and the project's site (haversine); null when one is unknown. */
  readonly distanceToSiteMeters: number | null
  readonly camera: string | null
}

/** A table read out of a CSV file or a workbook, capped. */
export interface EvidenceTable {
  readonly sheets: readonly {
    readonly name: string
    readonly rows: readonly (readonly string[])[]
    readonly totalRows: number
    readonly truncated: boolean
  }[]
}

/** Fate of one batch in a decision on many. */
export interface DecisionOutcome {
  readonly batchId: BatchId
  readonly mutationId: MutationId | null
  /** Null when recorded. */
  readonly refused: { readonly code: string; readonly message: string } | null
}

/** What the auditor states on the certificate beside what the batch says. */
export interface Statement {
  readonly opinion: Opinion
  readonly assuranceLevel: AssuranceLevel
  readonly addressee: string
  readonly procedures: string
  /** Required unless the opinion is unmodified. */
  readonly basis: string
  readonly acknowledgedGates: readonly string[]
}

/** The signing key that is ready, or what is in the way. */
export interface SigningKeyState {
  readonly configured: boolean
  readonly subject: string | null
  readonly issuer: string | null
  readonly notBefore: Instant | null
  readonly notAfter: Instant | null
  readonly algorithm: string | null
  readonly problem: { readonly code: string; readonly message: string; readonly action: string | null } | null
}

/** One entry of the local audit log. */
export interface AuditEntry {
  readonly sequence: number
  readonly at: Instant
  readonly actorKind: 'person' | 'system'
  readonly actorName: string
  readonly action: string
  readonly entity: string
  readonly entityId: string
  readonly entityLabel: string | null
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
  readonly deviceId: string
  readonly previousHash: Sha256
  readonly hash: Sha256
}

/** Answer of a check of the audit chain. */
export interface ChainCheck {
  readonly ok: boolean
  readonly checked: number
  readonly head: Sha256 | null
  readonly firstBreak: {
    readonly sequence: number
    readonly expected: string
    readonly actual: string
    readonly message: string
  } | null
}

/** One row of the decisions register. */
export interface RegisterRow {
  readonly decisionId: string
  readonly decidedAt: Instant
  readonly receivedAt: Instant | null
  readonly batchHash: string
  readonly projectName: string
  /** Null, like the quantity, when the batch has left this person's sight since. */
  readonly standard: Standard | null
  readonly quantity: Hundredths | null
  readonly action: DecisionAction
  readonly fromStatus: BatchStatus
  readonly toStatus: BatchStatus
  readonly reason: string
  readonly score: Hundredths | null
  readonly actorName: string
  readonly opinion: Opinion | null
  readonly certificateNumber: string | null
  readonly contentHash: Sha256
}

/** A report that was written to disk. */
export interface WrittenReport {
  readonly path: string
  readonly fileName: string
  readonly rowCount: number
  readonly sha256: Sha256
  readonly byteSize: number
  readonly generatedAt: Instant
}

/** A person's settings on this computer. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark'
  /** Seconds for which a decision can be undone before it is sent, 0 to 600. */
  readonly holdSeconds: number
  readonly singleLetterKeys: boolean
  /** Row height of the queue in pixels. */
  readonly density: 28 | 32 | 40
}

/** How much space files take on this computer, and what is not here yet. */
export interface StorageState {
  /** Files of evidence and certificates, begun ones included. */
  readonly usedBytes: number
  readonly budgetBytes: number
  /** False while nobody has chosen the budget on this computer. */
  readonly budgetChosen: boolean
  /** What of it is never removed to make room: unsent, pinned, or of a batch with changes under way. */
  readonly keptBytes: number
  /** Free on the disk; null where the system does not say. */
  readonly freeBytes: number | null
  readonly pinnedBatches: number
  /** Evidence that should be here and is not, what is needed first at first. */
  readonly missing: readonly {
    readonly why: 'pinned' | 'due' | 'no_due_date'
    /** `YYYY-MM-DD` (UTC), for what is due. */
    readonly dueOn: string | null
    readonly files: number
    readonly bytes: number
  }[]
  /** Why the missing files do not come, if something is in the way. */
  readonly problem: { readonly code: string; readonly message: string; readonly action: string | null } | null
}

/** What is running here. */
export interface AppInfo {
  readonly version: string
  readonly host: string
  readonly platform: string
  readonly databaseEncrypted: boolean
  readonly userDataDirectory: string
}
