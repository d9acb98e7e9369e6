import type { BatchDetail } from '../../shared/contract/views.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { PreviewDossier } from './batch-dossier.ts'

/** A batch whose parts are replaced as the person works. */
export type Detail = { -readonly [Key in keyof BatchDetail]: BatchDetail[Key] }

/** What the batch's contents hash to, for show. */
export const contentHash = 'c8f3e4d2a1b09f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706'

const id = () => crypto.randomUUID()

/** The batch as it is when it is opened: approved for an auditor, in review for a desk verifier. */
export function startingDetail(start: PreviewDossier, person: Person, auditor: boolean, stale: boolean): Detail {
  return {
    batch: {
      id: start.batchId,
      batchHash: 'BATCH-1F2E3D4C5B6A798801122334455667788',
      projectId: id(),
      recyclerId: id(),
      standard: start.rubric.standard,
      quantity: start.quantity,
      location: start.project.location,
      dateSubmitted: '2026-11-02',
      periodStart: '2026-09-01',
      periodEnd: '2026-09-30',
      description: null,
      status: auditor ? 'approved' : 'under_review',
      plasticCredits: start.quantity,
      carbonCredits: 0,
      verificationScore: null,
      verifiedBy: null,
      verifiedAt: null,
      riskScore: 74,
      riskReasons: ['A photo was taken 47 km from the site', 'First batch of this recycler under the standard'],
      contentHash,
      updatedAt: '2026-11-18T08:12:00.000Z',
      version: 3,
    },
    status: auditor ? 'approved' : 'under_review',
    project: { ...start.project, description: null },
    recyclerName: start.recycler,
    recyclerOrganization: null,
    assignments: [
      {
        personName: person.name,
        role: 'accredited_auditor',
        dueAt: new Date(Date.now() + 4 * 86_400_000).toISOString(),
        mine: true,
      },
    ],
    evidence: start.files.map((file) => ({
      ...file,
      batchId: start.batchId,
      uploadedBy: id(),
      uploadedAt: '2026-11-02T09:00:00.000Z',
      version: 1,
      viewedAt: null,
    })),
    rubric: start.rubric,
    scores: [],
    findings: [],
    decisions: auditor
      ? [
          {
            id: id(),
            batchId: start.batchId,
            actorId: id(),
            action: 'approve',
            fromStatus: 'under_review',
            toStatus: 'approved',
            reasonCode: 'sample_consistent',
            reason: 'Sample checked, no misstatement found',
            score: 412,
            rubricId: start.rubric.id,
            contentHash,
            opinion: null,
            assuranceLevel: null,
            unviewedEvidenceCount: 2,
            deviceId: id(),
            decidedAt: '2026-11-19T10:04:00.000Z',
            receivedAt: '2026-11-19T10:04:31.000Z',
            version: 1,
            actorName: 'Rina Hartono',
            outboxState: null,
          },
        ]
      : [],
    certificates: [],
    syncMark: null,
    standings: [],
    pinned: false,
    stale: stale,
  } as unknown as Detail
}
