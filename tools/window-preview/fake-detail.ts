import type { BatchDetail, BatchListRow } from '../../shared/contract/views.ts'
import type {
  DecisionId,
  DeviceId,
  FindingId,
  FindingRoundId,
  PersonId,
  ProjectId,
  Sha256,
} from '../../shared/domain/ids.ts'

const hash = 'c8f3e4d2a1b09f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706' as Sha256
const somebody = '7d0f6c1d-0d52-4a60-a0ab-0f7b5d0f8c33' as PersonId

/** The whole of a made-up batch, as far as the window's frame shows it. */
export function fakeDetail(row: BatchListRow): BatchDetail {
  const findingId = `${row.id.slice(0, 35)}1` as FindingId
  return {
    batch: {
      id: row.id,
      batchHash: row.batchHash,
      projectId: `${row.id.slice(0, 35)}2` as ProjectId,
      recyclerId: somebody,
      standard: row.standard,
      quantity: row.quantity,
      location: row.location,
      dateSubmitted: row.dateSubmitted,
      periodStart: '2026-09-01',
      periodEnd: '2026-09-30',
      description: null,
      status: row.status,
      plasticCredits: row.quantity,
      carbonCredits: 0,
      verificationScore: row.score,
      verifiedBy: null,
      verifiedAt: null,
      riskScore: row.riskScore,
      riskReasons: row.riskReason === null ? [] : [row.riskReason, 'First batch of this recycler under the standard'],
      contentHash: hash,
      updatedAt: '2026-11-18T08:12:00.000Z',
      version: 3,
    },
    status: row.status,
    project: {
      name: row.projectName,
      description: null,
      location: row.location,
      latitude: -6.9,
      longitude: 107.6,
      timeZone: 'Asia/Jakarta',
    },
    recyclerName: row.recyclerName,
    recyclerOrganization: row.recyclerName,
    assignments: [],
    evidence: [],
    rubric: null,
    scores: [],
    scoreHundredths: row.score,
    unscoredCriteria: [],
    findings:
      row.openFindings === 0
        ? []
        : [
            {
              id: findingId,
              batchId: row.id,
              kind: 'car',
              title: 'Weighbridge calibration certificate expired',
              description: 'The certificate ended before the first weighing.',
              criterionCode: 'M-01',
              evidenceFileId: null,
              status: 'open',
              dueAt: null,
              misstatement: 1250,
              raisedBy: somebody,
              raisedAt: '2026-11-17T08:12:00.000Z',
              rounds: [
                {
                  id: `${row.id.slice(0, 35)}3` as FindingRoundId,
                  findingId,
                  round: 1,
                  kind: 'raised',
                  authorId: somebody,
                  onBehalfOf: null,
                  body: 'The certificate ended before the first weighing.',
                  createdAt: '2026-11-17T08:12:00.000Z',
                },
              ],
              version: 1,
            },
          ],
    materiality: {
      overstatement: row.openFindings === 0 ? 0 : 1250,
      understatement: 0,
      thresholdPercent: 5,
      exceeded: false,
    },
    decisions:
      row.status === 'approved'
        ? [
            {
              id: `${row.id.slice(0, 35)}4` as DecisionId,
              batchId: row.id,
              actorId: somebody,
              action: 'approve',
              fromStatus: 'under_review',
              toStatus: 'approved',
              reasonCode: 'evidence_complete',
              reason: 'Evidence complete and consistent',
              score: row.score,
              rubricId: null,
              contentHash: hash,
              opinion: null,
              assuranceLevel: null,
              unviewedEvidenceCount: 0,
              deviceId: 'd6a0c2f4-64e1-4c57-8ed3-3a3d9a4b7e10' as DeviceId,
              decidedAt: '2026-11-19T10:04:00.000Z',
              receivedAt: '2026-11-19T10:04:31.000Z',
              version: 1,
              actorName: 'Dewi Lestari',
              outboxState: 'applied',
            },
          ]
        : [],
    certificates: [],
    actions: [
      {
        action: 'approve',
        gates:
          row.openFindings === 0
            ? []
            : [
                {
                  code: 'open_findings',
                  severity: 'blocks',
                  message: 'A corrective action request is open: weighbridge calibration certificate expired.',
                  action: 'Wait for the answer and close it, or request changes.',
                  subjects: [{ kind: 'finding', id: findingId }],
                },
              ],
      },
    ],
    syncMark: row.syncMark,
    standings: [],
    pinned: false,
    stale: row.stale,
  }
}
