import type { BatchListRow } from '../../shared/contract/views.ts'
import type { BatchStatus } from '../../shared/domain/batch.ts'
import type { BatchId } from '../../shared/domain/ids.ts'
import { type Standard, standards } from '../../shared/domain/standard.ts'

/** The instant at which the preview stands still. */
export const previewNow = Date.parse('2026-11-20T21:33:00.000Z')

const day = 86_400_000

/** A small generator of even numbers from a seed (mulberry32), so that every preview looks the same. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const projects = [
  ['Citarum River Recovery', 'PT Daur Ulang Nusantara', 'Bandung, ID'],
  ['Mumbai Coastal Collection', 'Sagar Polymers', 'Mumbai, IN'],
  ['Mekong Delta Film Recycling', 'Nhựa Xanh Co.', 'Cần Thơ, VN'],
  ['Chao Phraya PET Loop', 'Siam Circular', 'Bangkok, TH'],
  ['Recife Mangrove Cleanup', 'Maré Limpa', 'Recife, BR'],
  ['Accra Flexible Packaging', 'Gold Coast Recyclers', 'Accra, GH'],
  ['Lagos Lagoon Interception', 'Eko Plastics', 'Lagos, NG'],
  ['Alexandria Bottle Return', 'Nile Reclaim', 'Alexandria, EG'],
  ['Surabaya Waste Bank Network', 'PT Daur Ulang Nusantara', 'Surabaya, ID'],
  ['Rajasthan Solar Granulation', 'Sagar Polymers', 'Jaipur, IN'],
] as const

const risks = [
  'Two weighbridge tickets carry the number WB-20841',
  'Photo taken 41 km from the site',
  'Output exceeds input by 6.2 %',
  'Scale calibration expired 38 days before weighing',
  'Quantity is 3.1 times the site’s median',
  'Photo time is before the collection date',
  'Transport log has a gap of two days',
] as const

const statusAt = (share: number): BatchStatus =>
  share < 0.34
    ? 'under_review'
    : share < 0.56
      ? 'pending'
      : share < 0.68
        ? 'approved'
        : share < 0.76
          ? 'changes_requested'
          : share < 0.82
            ? 'rejected'
            : share < 0.97
              ? 'verified'
              : 'retired'

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')

/** A UUID (version 4) of generated digits. */
export const fakeId = (random: () => number): string =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`

const pick = <Item>(random: () => number, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item

/** Made-up batches with believable spread; the same for the same seed. */
export function fakeBatches(count: number, seed = 7): BatchListRow[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, (_, index): BatchListRow => {
    const [projectName, recyclerName, location] = pick(random, projects)
    const standard: Standard = pick(random, standards)
    const status = statusAt(random())
    const riskScore = Math.floor(random() ** 2.2 * 100)
    const evidenceCount = 2 + Math.floor(random() * 9)
    const finished = status === 'verified' || status === 'retired'
    const mark = random()
    return {
      row: index + 1,
      id: fakeId(random) as BatchId,
      batchHash: `BATCH-${hex(random, 32)}`,
      projectName,
      recyclerName,
      location,
      standard,
      quantity: 1200 + Math.floor(random() * 900_000),
      status,
      riskScore,
      riskReason: riskScore < 25 ? null : pick(random, risks),
      dateSubmitted: new Date(previewNow - Math.floor(random() * 60) * day).toISOString().slice(0, 10),
      dueAt: finished ? null : new Date(previewNow + (random() * 24 - 4) * day).toISOString(),
      evidenceCount,
      viewedCount: finished ? evidenceCount : Math.floor(random() * (evidenceCount + 1)),
      openFindings: random() < 0.16 ? 1 + Math.floor(random() * 3) : 0,
      score: random() < 0.5 ? Math.floor(250 + random() * 250) : null,
      syncMark:
        mark < 0.02
          ? 'saved_here'
          : mark < 0.035
            ? 'queued'
            : mark < 0.042
              ? 'sent'
              : mark < 0.05
                ? 'conflict'
                : mark < 0.056
                  ? 'rejected'
                  : null,
      stale: mark >= 0.042 && mark < 0.05,
    }
  })
}
