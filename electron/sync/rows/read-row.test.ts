import { afterAll, describe, expect, it } from 'vitest'
import { openTestWorkspace } from '../../database/testing.ts'
import { findMirrorTable, mirrorTables } from './mirror-tables.ts'
import { RowRefused, readRow } from './read-row.ts'

const id = '01234567-89ab-4cde-8f01-23456789abcd'
const sha256 = 'a'.repeat(64)

const batch = {
  id,
  batch_hash: 'BATCH-1',
  user_id: id,
  project_id: id,
  standard: 'APRS',
  tons_or_kwh: '12.50',
  location: 'Surabaya',
  date_submitted: '2026-01-31',
  period_start: null,
  period_end: null,
  description: null,
  status: 'under_review',
  calculated_plastic_credits: '-0.05',
  calculated_carbon_credits: '-0.00',
  verification_score: '4.75',
  verified_by: null,
  verified_at: '2026-11-20T23:30:00.5+02:00',
  risk_score: 40,
  risk_reasons: ['because'],
  content_hash: sha256,
  updated_at: '2026-11-20T22:37:31.490878+00:00',
  version: 3,
  a_field_of_a_newer_cloud: true,
}

const rubric = {
  id,
  standard: 'APRS',
  revision: 1,
  title: 'Rubric',
  published_at: '2026-11-20T22:37:31.490878+00:00',
  version: 1,
  body: {
    criteria: [
      {
        code: 'Q-01',
        group: 'eligibility',
        question: 'Why?',
        guidance: '',
        weight: 2,
        anchors: ['0', '1', '2', '3', '4', '5'],
        required_evidence: ['photo'],
        knock_out: true,
        not_applicable: 'never',
      },
    ],
  },
}

const stored = (table: 'batches' | 'rubrics', row: Record<string, unknown>) => {
  const { values } = readRow(mirrorTables[table], row)
  return Object.fromEntries(mirrorTables[table].columns.map(({ local }, index) => [local, values[index]]))
}

describe('the tables of the mirror', () => {
  const workspace = openTestWorkspace()
  afterAll(() => workspace.dispose())

  it.each(Object.values(mirrorTables))('$local has a column for every field of $wire, and no other', (table) => {
    const columns = workspace.database.write(
      (handle) => handle.prepare(`pragma table_info(${table.local})`).all() as { readonly name: string }[],
    )
    const ownColumns = ['row', 'scopes', 'version', ...(table.local === 'batch' ? ['quarantined_at'] : [])]
    expect(columns.map(({ name }) => name).sort()).toEqual(
      [...table.columns.map(({ local }) => local), ...ownColumns].sort(),
    )
  })
})

it('decimals become hundredths, instants UTC with milliseconds, lists JSON', () => {
  expect(stored('batches', batch)).toMatchObject({
    quantity: 1250,
    plastic_credits: -5,
    carbon_credits: 0,
    verification_score: 475,
    verified_at: '2026-11-20T21:30:00.500Z',
    updated_at: '2026-11-20T22:37:31.490Z',
    risk_reasons: '["because"]',
    description: null,
  })
})

it('the criteria of a rubric become those of the program', () => {
  expect(JSON.parse(String(stored('rubrics', rubric).criteria))).toEqual([
    {
      code: 'Q-01',
      group: 'eligibility',
      question: 'Why?',
      guidance: '',
      weight: 2,
      anchors: ['0', '1', '2', '3', '4', '5'],
      requiredEvidence: ['photo'],
      knockOut: true,
      notApplicable: 'never',
    },
  ])
})

it.each([
  ['tons_or_kwh', 12.5],
  ['tons_or_kwh', '12.5'],
  ['tons_or_kwh', '99999999999999999.00'],
  ['updated_at', '2026-02-31 is no instant'],
  ['status', 'lost'],
  ['content_hash', sha256.toUpperCase()],
  ['risk_reasons', null],
  ['version', 0],
  ['id', 'batch 1'],
  ['description', undefined],
])('a row whose %s is %j is refused, with the field and without the value', (field, value) => {
  try {
    readRow(mirrorTables.batches, { ...batch, [field]: value })
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(RowRefused)
    expect(error).toMatchObject({ field })
    if (typeof value === 'string') expect(String(error)).not.toContain(value)
  }
})

it('a table of a newer cloud is not known', () => {
  expect(findMirrorTable('toString')).toBeUndefined()
  expect(findMirrorTable('batches')?.local).toBe('batch')
})
