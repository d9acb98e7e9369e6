import { z } from 'zod'
import { declarations } from '../domain/access-grant.ts'
import { batchStatuses } from '../domain/batch.ts'
import { assuranceLevels, opinions } from '../domain/decision.ts'
import { findingKinds } from '../domain/finding.ts'
import { standards } from '../domain/standard.ts'
import type { SyncExchange, SyncRun } from '../domain/sync-journal.ts'
import { mutationKinds, type OutboxItem, outboxStates, type SyncState } from '../domain/sync-state.ts'
import type { VerificationReport } from '../domain/verification-report.ts'
import type { ChannelName } from './channel-names.ts'
import type { HandoverOutlook, OpenedHandover, SubmittedHandover, WrittenHandover } from './handover-views.ts'
import type { ChangeComparison, KindCount, ManyResolved, QuarantinedBatch } from './outbox-views.ts'
import type {
  AccessGrantView,
  AppInfo,
  AuditEntry,
  BatchDetail,
  BatchFacets,
  BatchIdList,
  BatchListRow,
  ChainCheck,
  CloudProfile,
  CloudTest,
  DecisionOutcome,
  EvidenceTable,
  OpenedEvidence,
  PhotoFacts,
  RegisterRow,
  SessionState,
  Settings,
  SigningKeyState,
  StorageState,
  WrittenReport,
} from './views.ts'

/** Version of this map. The window and the program come in one package, so a difference is a defect. */
export const contractVersion = 1

const id = z.guid()
const none = z.strictObject({})
const cloud = z.strictObject({
  name: z.string().trim().min(1).max(200),
  url: z.url({ protocol: /^https?$/ }),
  publishableKey: z.string().trim().min(1).max(4000),
  source: z.enum(['demo', 'entered', 'organization_file', 'managed']),
})
const filter = z.strictObject({
  text: z.string().max(500),
  statuses: z.array(z.enum(batchStatuses)),
  standards: z.array(z.enum(standards)),
  assignment: z.enum(['assigned', 'pool', 'all']),
  unsentOnly: z.boolean(),
})
const sort = z.strictObject({
  by: z.enum(['risk', 'due', 'submitted', 'quantity', 'project', 'status', 'batch_hash']),
  direction: z.enum(['ascending', 'descending']),
})
const words = z.string().trim().max(20_000)
const statement = z.strictObject({
  opinion: z.enum(opinions),
  assuranceLevel: z.enum(assuranceLevels),
  addressee: words.min(1),
  procedures: words.min(1),
  basis: words,
  acknowledgedGates: z.array(z.string()),
})
const outboxStateList = z.array(z.enum(outboxStates))
const bytes = z.instanceof(Uint8Array)
const period = {
  from: z.iso.date(),
  /** The last day, included. */
  to: z.iso.date(),
}
const settings = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  holdSeconds: z.int().min(0).max(600),
  singleLetterKeys: z.boolean(),
  density: z.union([z.literal(28), z.literal(32), z.literal(40)]),
})

/** Marks the type of an answer; answers are made by the program and not parsed again. */
const answers = <Response>(): { readonly response?: Response } => ({})

/**
 * The channel map: every call that crosses from the window to the program, with the schema of its request and the type of its
 * answer. Answers arrive as `Result`. Nothing else crosses.
 */
export const channels = {
  'app.info': { request: none, ...answers<AppInfo>() },

  'session.state': { request: none, ...answers<SessionState>() },
  'session.testCloud': { request: z.strictObject({ cloud }), ...answers<CloudTest>() },
  /** Reads an organization file (JSON with `name`, `url`, `publishableKey`), dropped or chosen. */
  'session.readOrganizationFile': {
    request: z.strictObject({ text: z.string().max(100_000) }),
    ...answers<CloudProfile>(),
  },
  /** `passphrase` protects the local database where the operating system keeps no secrets, or where the person wants it. */
  'session.signIn': {
    request: z.strictObject({
      cloud,
      email: z.email(),
      password: z.string().min(1).max(1000),
      passphrase: z.string().min(8).max(1000).nullable(),
    }),
    ...answers<SessionState>(),
  },
  'session.unlock': { request: z.strictObject({ passphrase: z.string().max(1000) }), ...answers<SessionState>() },
  /** Renews an expired session of the person who is signed in. */
  'session.renew': { request: z.strictObject({ password: z.string().min(1).max(1000) }), ...answers<SessionState>() },
  /** Refused with `blocked` while something unsent is here, unless `keepUnsent` says that it stays here, encrypted. */
  'session.signOut': { request: z.strictObject({ keepUnsent: z.boolean() }), ...answers<SessionState>() },

  'sync.state': { request: none, ...answers<SyncState>() },
  'sync.now': { request: none, ...answers<SyncState>() },
  'sync.cancel': { request: none, ...answers<SyncState>() },
  /** Holds the exchange with the cloud where it is, or lets it go on. */
  'sync.setPaused': { request: z.strictObject({ paused: z.boolean() }), ...answers<SyncState>() },
  'sync.setOffline': { request: z.strictObject({ offline: z.boolean() }), ...answers<SyncState>() },
  /** Compares this copy with the cloud and repairs what differs; `sync.changed` tells how it goes. */
  'sync.checkCopy': { request: none, ...answers<SyncState>() },
  /** Runs below a number, newest first; null: from the newest on. */
  'syncLog.list': {
    request: z.strictObject({
      failedOnly: z.boolean(),
      before: z.int().nullable(),
      limit: z.int().min(1).max(500),
    }),
    ...answers<{ readonly runs: readonly SyncRun[]; readonly total: number }>(),
  },
  'syncLog.exchanges': {
    request: z.strictObject({ run: z.int(), limit: z.int().min(1).max(2000) }),
    ...answers<readonly SyncExchange[]>(),
  },
  /** Writes the whole log, which names nobody, to a file that the person chooses; null when the person cancels. */
  'syncLog.save': { request: none, ...answers<WrittenReport | null>() },
  'outbox.list': {
    request: z.strictObject({ states: outboxStateList, limit: z.int().min(1).max(500) }),
    ...answers<readonly OutboxItem[]>(),
  },
  /**
   * `retry` keeps mine: a new change on the cloud's newest version. `take_theirs` gives mine up, readable for ever; `decide_again` too,
   * so that it can be made anew. `send_now` ends the hold.
   */
  'outbox.resolve': {
    request: z.strictObject({ mutationId: id, choice: z.enum(['retry', 'take_theirs', 'decide_again', 'send_now']) }),
    ...answers<OutboxItem>(),
  },
  /** Mine, theirs and the common base of one change, and what can be done about it. */
  'outbox.compare': { request: z.strictObject({ mutationId: id }), ...answers<ChangeComparison>() },
  /** How many changes of each kind are in these states. */
  'outbox.kinds': { request: z.strictObject({ states: outboxStateList }), ...answers<readonly KindCount[]>() },
  /** Gives every change of a kind in these states up; refused with `stale` when there are not `expected` of them any more. */
  'outbox.takeAllTheirs': {
    request: z.strictObject({ states: outboxStateList, kind: z.enum(mutationKinds), expected: z.int().min(1) }),
    ...answers<ManyResolved>(),
  },
  /** Takes given-up changes up again, as long as nothing was made in their place. */
  'outbox.reopen': {
    request: z.strictObject({ mutationIds: z.array(id).min(1).max(50_000) }),
    ...answers<ManyResolved>(),
  },
  /** What was given up to be decided again on this batch, and was not yet. */
  'outbox.toDecideAgain': { request: z.strictObject({ batchId: id }), ...answers<readonly OutboxItem[]>() },
  /** Writes changes with their proof to a file that the person chooses; without ids all in these states; null when cancelled. */
  'outbox.export': {
    request: z.strictObject({
      states: outboxStateList,
      mutationIds: z.array(id).max(50_000).nullable(),
      format: z.enum(['json', 'csv']),
    }),
    ...answers<WrittenReport | null>(),
  },
  /** Batches that no scope holds any more, kept because of the work on them. */
  'sync.quarantine': { request: none, ...answers<readonly QuarantinedBatch[]>() },

  /** What would be written to an outbox file now. */
  'handover.outlook': { request: none, ...answers<HandoverOutlook>() },
  /** Writes unsent changes, signed, to a file that the person chooses, for somebody else to submit; null when the person cancels. */
  'handover.write': { request: z.strictObject({ onlyNew: z.boolean() }), ...answers<WrittenHandover | null>() },
  /** Reads an outbox file that was dropped or chosen, without the network, and says what is in it. */
  'handover.open': { request: z.strictObject({ bytes }), ...answers<OpenedHandover>() },
  /** Sends such a file to the cloud, which applies each change once, as the person who made it. */
  'handover.submit': { request: z.strictObject({ bytes }), ...answers<SubmittedHandover>() },

  'batch.ids': { request: z.strictObject({ filter, sort }), ...answers<BatchIdList>() },
  'batch.rows': {
    request: z.strictObject({ rows: z.array(z.int().min(0)).max(1000) }),
    ...answers<readonly BatchListRow[]>(),
  },
  'batch.facets': {
    request: z.strictObject({ assignment: z.enum(['assigned', 'pool', 'all']), since: z.string().nullable() }),
    ...answers<BatchFacets>(),
  },
  'batch.get': { request: z.strictObject({ batchId: id }), ...answers<BatchDetail>() },
  'batch.claim': {
    request: z.strictObject({ batchIds: z.array(id).min(1).max(5000) }),
    ...answers<readonly DecisionOutcome[]>(),
  },

  /** Brings the file here if need be (with the network) and hands out an address for the viewer. */
  'evidence.open': { request: z.strictObject({ evidenceFileId: id }), ...answers<OpenedEvidence>() },
  /** Records that this person has seen exactly these bytes. */
  'evidence.markViewed': {
    request: z.strictObject({ evidenceFileId: id, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    ...answers<{ readonly viewedAt: string }>(),
  },
  'evidence.photoFacts': { request: z.strictObject({ evidenceFileId: id }), ...answers<PhotoFacts>() },
  'evidence.table': { request: z.strictObject({ evidenceFileId: id }), ...answers<EvidenceTable>() },

  'storage.state': { request: none, ...answers<StorageState>() },
  /** How many bytes files may take; `invalid_input` below what may not be removed. */
  'storage.setBudget': {
    request: z.strictObject({ bytes: z.int().min(0).max(1_000_000_000_000_000) }),
    ...answers<StorageState>(),
  },
  /** Pins all evidence of a batch to this computer, or lets it go again. */
  'storage.pin': { request: z.strictObject({ batchId: id, pinned: z.boolean() }), ...answers<BatchDetail>() },

  'score.set': {
    request: z.strictObject({
      batchId: id,
      criterionCode: z.string().min(1).max(50),
      points: z.int().min(0).max(5).nullable(),
      notApplicableReason: words.nullable(),
      note: words,
      evidenceFileIds: z.array(id).max(200),
    }),
    ...answers<BatchDetail>(),
  },
  'finding.raise': {
    request: z.strictObject({
      batchId: id,
      kind: z.enum(findingKinds),
      title: words.min(1),
      description: words.min(1),
      criterionCode: z.string().nullable(),
      evidenceFileId: id.nullable(),
      dueAt: z.string().nullable(),
      misstatement: z.int().nullable(),
    }),
    ...answers<BatchDetail>(),
  },
  /** An answer, recorded by the verifier for whoever gave it. */
  'finding.respond': {
    request: z.strictObject({ batchId: id, findingId: id, body: words.min(1), onBehalfOf: words.nullable() }),
    ...answers<BatchDetail>(),
  },
  'finding.close': {
    request: z.strictObject({ batchId: id, findingId: id, body: words.min(1) }),
    ...answers<BatchDetail>(),
  },
  'finding.withdraw': {
    request: z.strictObject({ batchId: id, findingId: id, body: words.min(1) }),
    ...answers<BatchDetail>(),
  },

  /** For one or many; each is recorded or refused by itself. Verifying is `certificate.sign`. */
  'decision.record': {
    request: z.strictObject({
      batchIds: z.array(id).min(1).max(5000),
      action: z.enum(['approve', 'reject', 'request_changes']),
      reasonCode: z.string().min(1).max(100),
      reason: words.min(1),
      acknowledgedGates: z.array(z.string()),
    }),
    ...answers<readonly DecisionOutcome[]>(),
  },
  /** Takes back decisions that were not sent yet; appends a compensating event to the audit log. */
  'decision.undo': {
    request: z.strictObject({ mutationIds: z.array(id).min(1).max(5000) }),
    ...answers<readonly DecisionOutcome[]>(),
  },

  'signingKey.state': { request: none, ...answers<SigningKeyState>() },
  /** Keeps a PKCS#12 file in the encrypted database. The passphrase is checked and not kept. */
  'signingKey.import': {
    request: z.strictObject({ bytes, passphrase: z.string().max(1000) }),
    ...answers<SigningKeyState>(),
  },
  'signingKey.remove': { request: none, ...answers<SigningKeyState>() },

  /** The certificate as it would be signed, marked as a draft; the address serves a PDF. */
  'certificate.preview': { request: z.strictObject({ batchId: id, statement }), ...answers<OpenedEvidence>() },
  /** Builds, signs, and records decision and certificate in one transaction. */
  'certificate.sign': {
    request: z.strictObject({ batchId: id, statement, contentHash: z.string(), passphrase: z.string().max(1000) }),
    ...answers<{ readonly certificateId: string; readonly number: string; readonly detail: BatchDetail }>(),
  },
  'certificate.open': { request: z.strictObject({ certificateId: id }), ...answers<OpenedEvidence>() },
  /** Saves a copy where the person chooses; null when the person cancels. */
  'certificate.save': {
    request: z.strictObject({ certificateId: id }),
    ...answers<{ readonly path: string } | null>(),
  },
  /** Checks a certificate that was dropped on the window. */
  'certificate.verify': {
    request: z.strictObject({ fileName: z.string().max(1000), bytes }),
    ...answers<VerificationReport>(),
  },

  /** The person's own grants, those in force first. */
  'grants.list': { request: none, ...answers<readonly AccessGrantView[]>() },
  /** Declares independence from the recycler of a batch, or a conflict of interest, which blocks. Works offline. */
  'independence.declare': {
    request: z.strictObject({ batchId: id, declaration: z.enum(declarations), statement: z.string().trim().max(2000) }),
    ...answers<BatchDetail>(),
  },

  'audit.list': {
    request: z.strictObject({
      text: z.string().max(500),
      action: z.string().nullable(),
      before: z.int().nullable(),
      limit: z.int().min(1).max(500),
    }),
    ...answers<{ readonly entries: readonly AuditEntry[]; readonly total: number }>(),
  },
  /** Null bounds: the whole chain. */
  'audit.verify': {
    request: z.strictObject({ from: z.int().nullable(), to: z.int().nullable() }),
    ...answers<ChainCheck>(),
  },

  'report.decisions': {
    request: z.strictObject({ ...period, limit: z.int().min(1).max(5000) }),
    ...answers<{ readonly rows: readonly RegisterRow[]; readonly total: number }>(),
  },
  /** Writes the register to a file that the person chooses; null when the person cancels. */
  'report.write': {
    request: z.strictObject({ ...period, format: z.enum(['csv', 'pdf']) }),
    ...answers<WrittenReport | null>(),
  },

  'draft.get': {
    request: z.strictObject({ key: z.string().min(1).max(300) }),
    ...answers<{ readonly body: string | null }>(),
  },
  /** A null body forgets the draft. */
  'draft.set': {
    request: z.strictObject({ key: z.string().min(1).max(300), body: z.string().max(1_000_000).nullable() }),
    ...answers<{ readonly savedAt: string }>(),
  },
  'settings.get': { request: none, ...answers<Settings>() },
  'settings.set': { request: settings, ...answers<Settings>() },
} as const satisfies Record<ChannelName, { readonly request: z.ZodType }>

export type { ChannelName } from './channel-names.ts'

type Channels = typeof channels

/** What a channel takes. */
export type RequestOf<Channel extends ChannelName> = z.infer<Channels[Channel]['request']>

/** What a channel answers when it succeeds. */
export type ResponseOf<Channel extends ChannelName> = Exclude<Channels[Channel]['response'], undefined>

/** What each event carries. */
export interface Events {
  'session.changed': SessionState
  'sync.changed': SyncState
  /** Null: too many to name, ask for everything again. */
  'batches.changed': { readonly batchIds: readonly string[] | null }
  'audit.progressed': { readonly checked: number; readonly total: number }
}
