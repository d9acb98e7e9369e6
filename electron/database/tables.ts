import type { Selectable } from 'kysely'
import type { CopyCheckTable, SyncExchangeTable, SyncRunTable } from './journal-tables.ts'
import type {
  AccessGrantTable,
  AssignmentTable,
  BatchCounterTable,
  BatchTable,
  CertificateTable,
  DecisionTable,
  EvidenceFileTable,
  FindingRoundTable,
  FindingTable,
  GateRuleTable,
  GrantKeyTable,
  OrganizationTable,
  PersonTable,
  ProjectTable,
  RubricTable,
  ScoreTable,
  SignatureTable,
  SyncScopeTable,
  TrustAnchorTable,
} from './mirror-tables.ts'
import type {
  AuditEventTable,
  BatchOverlayTable,
  DraftTable,
  EvidenceViewTable,
  OutboxTable,
  PendingRowTable,
  PinnedBatchTable,
  SettingTable,
  SigningKeyTable,
  StoredFileTable,
  UploadTable,
  WorkspaceFactTable,
} from './work-tables.ts'

/** Every table of the local database, by its name. */
export interface Tables {
  readonly organization: OrganizationTable
  readonly person: PersonTable
  readonly trust_anchor: TrustAnchorTable
  readonly rubric: RubricTable
  readonly grant_key: GrantKeyTable
  readonly gate_rule: GateRuleTable
  readonly access_grant: AccessGrantTable
  readonly project: ProjectTable
  readonly batch: BatchTable
  readonly assignment: AssignmentTable
  readonly evidence_file: EvidenceFileTable
  readonly score: ScoreTable
  readonly finding: FindingTable
  readonly finding_round: FindingRoundTable
  readonly decision: DecisionTable
  readonly certificate: CertificateTable
  readonly signature: SignatureTable
  readonly sync_scope: SyncScopeTable
  readonly outbox: OutboxTable
  readonly pending_row: PendingRowTable
  readonly batch_overlay: BatchOverlayTable
  readonly evidence_view: EvidenceViewTable
  readonly stored_file: StoredFileTable
  readonly upload: UploadTable
  readonly pinned_batch: PinnedBatchTable
  readonly audit_event: AuditEventTable
  readonly draft: DraftTable
  readonly setting: SettingTable
  readonly workspace_fact: WorkspaceFactTable
  readonly signing_key: SigningKeyTable
  readonly batch_counter: BatchCounterTable
  readonly sync_run: SyncRunTable
  readonly sync_exchange: SyncExchangeTable
  readonly copy_check: CopyCheckTable
}

/** A row of a table as it is read. */
export type Row<Table extends keyof Tables> = Selectable<Tables[Table]>
