import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BatchDetail } from '../../shared/contract/views.ts'
import type { Finding, FindingKind, FindingStatus } from '../../shared/domain/finding.ts'
import { people } from '../database/testing.ts'
import { raiseFinding } from '../findings/raise-finding.ts'
import { certificateNumber, composeCertificateData } from './compose-certificate-data.ts'
import { openSigningDesk, type SigningDesk, signedBatch, statement } from './testing.ts'

const at = '2026-11-20T09:00:00.000Z'

let desk: SigningDesk
let detail: BatchDetail
beforeEach(async () => {
  desk = await openSigningDesk()
  detail = desk.detail()
})
afterEach(() => desk.workspace.dispose())

const compose = (changes: Partial<BatchDetail> = {}, stated = statement()) =>
  composeCertificateData({ ...detail, ...changes }, stated, { number: 'VD-1', person: people.auditor, at })

/** Findings made from a real one. */
function findings(wanted: readonly (readonly [FindingKind, FindingStatus])[]): readonly Finding[] {
  const raised = raiseFinding(desk.context, {
    batchId: signedBatch,
    kind: 'far',
    title: 'Calibration date on each ticket',
    description: 'Some tickets lack it.',
    criterionCode: null,
    evidenceFileId: null,
    dueAt: '2027-03-31T00:00:00.000Z',
    misstatement: null,
  })
  const [made] = raised.ok ? raised.value.findings : []
  if (made === undefined) throw new Error('The finding was not raised')
  return wanted.map(([kind, status], index) => ({ ...made, kind, status, title: `Finding ${index}` }))
}

test('findings are counted by kind; withdrawn ones not at all, answered ones as open', () => {
  const counted = compose({
    findings: findings([
      ['car', 'closed'],
      ['car', 'withdrawn'],
      ['cl', 'answered'],
      ['cl', 'closed'],
      ['far', 'open'],
      ['far', 'closed'],
      ['far', 'withdrawn'],
      ['observation', 'open'],
    ]),
  }).findings
  expect(counted).toEqual({
    car: { raised: 1, open: 0 },
    cl: { raised: 2, open: 1 },
    far: { raised: 2, open: 1 },
    observation: { raised: 1, open: 1 },
    openForwardActions: [{ title: 'Finding 4', dueOn: '2027-03-31' }],
  })
})

test('every file of evidence is listed, with whether this auditor opened it', () => {
  const [first, second] = detail.evidence
  if (first === undefined || second === undefined) throw new Error('The fixture has two files')
  const seen = { ...first, viewedAt: at, effectiveAt: '2026-01-02T23:30:00.000Z' }
  expect(compose({ evidence: [seen, second] }).evidence).toEqual([
    {
      title: first.title,
      kind: 'Weighbridge ticket',
      byteSize: first.byteSize,
      sha256: first.sha256,
      viewed: true,
      effectiveOn: '2026-01-02',
    },
    expect.objectContaining({ sha256: second.sha256, viewed: false, effectiveOn: null }),
  ])
})

test('the period is the batch’s own, or the day of its submission', () => {
  const { batch } = detail
  expect(compose().period).toEqual({ from: batch.dateSubmitted, to: batch.dateSubmitted })
  const stated = { ...batch, periodStart: '2026-01-01', periodEnd: '2026-01-31' }
  expect(compose({ batch: stated }).period).toEqual({ from: '2026-01-01', to: '2026-01-31' })
})

test('procedures are the lines of the statement, and a basis belongs to a modified opinion alone', () => {
  const stated = statement({ procedures: ' Inspection\r\n\n  Recalculation \n', basis: 'Two tickets are missing.' })
  expect(compose({}, stated).procedures).toEqual(['Inspection', 'Recalculation'])
  expect(compose({}, stated).basisForModification).toBeNull()
  expect(compose({}, { ...stated, opinion: 'qualified' }).basisForModification).toBe('Two tickets are missing.')
})

test('the recycler is its organization, or the person; materiality is in hundredths of a per cent', () => {
  expect(compose().batch.recycler).toBe('Rina Plastics Ltd')
  expect(compose({ recyclerOrganization: null }).batch.recycler).toBe('Rina Plastics')
  expect(compose().materiality).toBe(500)
})

test('the number of a certificate tells standard, year and ten digits of its id', () => {
  expect(certificateNumber('PCX', at, '1f2e3d4c-5b6a-4789-8abc-def012345678')).toBe('VD-PCX-2026-1F2E3D4C5B')
})
