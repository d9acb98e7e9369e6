import type {
  HandoverChange,
  HandoverOutlook,
  OpenedHandover,
  SubmittedHandover,
  WrittenHandover,
} from '../../shared/contract/handover-views.ts'
import type { BatchListRow } from '../../shared/contract/views.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { fail } from '../../shared/result.ts'
import { previewNow } from './fake-batches.ts'

const fingerprint = '5b0e7c1f9ad24836c2f7e1b0439d8a65f0c1e2d3b4a5968778695a4b3c2d1e0f' as Sha256

/** Some work to hand over, part of which was handed over before. */
export const fakeOutlook: HandoverOutlook = { unsent: 7, handedOver: 2, held: 1, waiting: 1, problem: null }

/** Everything is in the cloud. */
export const fakeNothingUnsent: HandoverOutlook = { unsent: 0, handedOver: 0, held: 0, waiting: 0, problem: null }

/** A file that was just written. */
export const fakeWritten: WrittenHandover = {
  path: '/media/stick/amina@example.org-2026-11-29T0912.veridesk-outbox',
  fileName: 'amina@example.org-2026-11-29T0912.veridesk-outbox',
  fingerprint,
  changes: 7,
  certificates: 2,
  missingFiles: 1,
  left: 0,
  byteSize: 712_400,
}

const fakeChanges = (batches: readonly BatchListRow[]): readonly HandoverChange[] =>
  batches.slice(0, 14).map(({ id, batchHash }, index) => ({
    mutationId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    kind: index % 3 === 0 ? 'decision.record' : index % 7 === 1 ? 'certificate.issue' : 'score.set',
    action: index % 3 === 0 ? (index % 2 === 0 ? 'approve' : 'reject') : null,
    batchId: id,
    batchHash: index === 5 ? null : batchHash,
    occurredAt: new Date(previewNow - 86_400_000 + index * 600_000).toISOString(),
  }))

/** A colleague's file; a foreign one is nobody's to submit here. */
export const fakeOpened = (batches: readonly BatchListRow[], foreign: boolean): OpenedHandover => ({
  fingerprint,
  personName: 'Amina Wanjiru',
  personEmail: 'amina@example.org',
  ofMyself: false,
  deviceName: 'field-laptop-3',
  cloudName: 'Registry',
  cloudUrl: 'https://registry.example.org',
  sameCloud: !foreign,
  madeAt: new Date(previewNow - 7_200_000).toISOString(),
  certificates: 2,
  changes: fakeChanges(batches),
  refusal: foreign
    ? fail(
        'not_allowed',
        'This file holds the changes of another person.',
        'Give it to that person, or to the compliance desk.',
      ).error
    : null,
})

/** What the cloud made of the colleague's file. */
export const fakeSubmitted = (batches: readonly BatchListRow[]): SubmittedHandover => ({
  fingerprint,
  fates: fakeChanges(batches).map(({ mutationId }, index) => ({
    mutationId,
    status: index === 3 ? 'rejected' : index === 6 ? 'conflict' : index < 2 ? 'duplicate' : 'applied',
    message:
      index === 3
        ? 'You are not assigned to this batch.'
        : index === 6
          ? 'The row was changed in the cloud meanwhile.'
          : null,
    action:
      index === 3
        ? 'Ask an administrator to assign you.'
        : index === 6
          ? 'Compare both versions and decide again.'
          : null,
  })),
  withoutFile: [],
})
