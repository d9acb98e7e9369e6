import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { mirroredTableNames, mirroredTables } from '../../../shared/wire/rows.ts'
import { findMirrorTable, mirrorTables } from './mirror-tables.ts'
import { RowRefused, readRow } from './read-row.ts'

const id = '01234567-89ab-4cde-8f01-23456789abcd'
const sha256 = 'a'.repeat(64)
const at = '2026-11-20T22:37:31.490878+00:00'

const criterion = {
  code: 'Q-01',
  group: 'eligibility',
  question: 'Why?',
  guidance: '',
  weight: 2,
  anchors: ['0', '1', '2', '3', '4', '5'],
  required_evidence: ['photo'],
  knock_out: true,
  not_applicable: 'never',
}

/** A value for each field of each table that both descriptions take. */
const samples: Readonly<Record<string, unknown>> = {
  kind: null,
  standard: 'APRS',
  role: null,
  sub_role: 'desk_verifier',
  status: null,
  bucket: null,
  tons_or_kwh: '12.50',
  calculated_plastic_credits: '-0.05',
  calculated_carbon_credits: '0.00',
  verification_score: '4.75',
  score: '3.00',
  misstatement: '-12.34',
  date_submitted: '2026-01-31',
  period_start: '2026-01-01',
  period_end: '2026-01-31',
  risk_score: 40,
  risk_reasons: ['because'],
  content_hash: sha256,
  sha256,
  byte_range_digest: sha256,
  signer_fingerprint: sha256,
  byte_size: 12,
  latitude: -7.25,
  longitude: 112.75,
  revision: 1,
  round: 1,
  points: 3,
  evidence_ids: [id],
  body: null,
  action: 'approve',
  from_status: 'under_review',
  to_status: 'approved',
  opinion: 'unmodified',
  assurance_level: 'reasonable',
  unviewed_evidence_count: 0,
  level: 'B-B',
  version: 3,
}

const byTable: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  organizations: { kind: 'recycler' },
  people: { role: 'verifier' },
  rubrics: { body: { criteria: [criterion] } },
  projects: { status: 'active' },
  batches: { status: 'under_review' },
  assignments: { role: 'reviewer' },
  evidence_files: { kind: 'photo', bucket: 'batch-photos' },
  findings: { kind: 'car', status: 'open' },
  finding_rounds: { kind: 'raised', body: 'words' },
  certificates: { bucket: 'certificates' },
  signatures: { kind: 'auditor' },
}

function sampleRow(table: keyof typeof mirroredTables): Record<string, unknown> {
  const shape: Record<string, z.ZodType> = mirroredTables[table].shape
  return Object.fromEntries(
    Object.keys(shape).map((field) => {
      const value = byTable[table]?.[field] ?? samples[field]
      if (value !== undefined && value !== null) return [field, value]
      const guess = ['words', at, id].find((candidate) => shape[field]?.safeParse(candidate).success)
      return [field, guess]
    }),
  )
}

const strange = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    '',
    'words',
    id,
    id.toUpperCase(),
    sha256,
    at,
    '2026-11-20',
    '12.5',
    '12.50',
    '-0.00',
    '1e3',
    12.5,
    -1,
    0,
    3,
    101,
    true,
    [],
    ['x'],
    [id],
    [1],
    {},
    'pending',
    'car',
    '99999999999999999.00',
    'x'.repeat(30),
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
)

const read = (table: keyof typeof mirroredTables, row: Record<string, unknown>) => {
  try {
    return readRow(mirrorTables[table], row)
  } catch (error) {
    if (error instanceof RowRefused) return null
    throw error
  }
}

describe.each(mirroredTableNames)('rows of %s', (table) => {
  const shape: Record<string, z.ZodType> = mirroredTables[table].shape
  const fields = Object.keys(shape)

  it('are read field by field as the wire says, no field more and none less', () => {
    const row = sampleRow(table)
    expect(mirroredTables[table].safeParse(row).error).toBeUndefined()
    expect(read(table, row)).not.toBeNull()
    expect([...mirrorTables[table].columns.map(({ wire }) => wire), 'version'].sort()).toEqual([...fields].sort())
  })

  it('are refused exactly where the schema of the wire refuses them, or where a number or an instant has no value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fields), strange, (field, value) => {
        const row = { ...sampleRow(table), [field]: value }
        const accepted = mirroredTables[table].safeParse(row).success
        const ours = read(table, row) !== null
        // Text that only looks like an instant, and a decimal that no integer holds, pass the schema and are refused here.
        const noValue = typeof value === 'string' && (Number.isNaN(Date.parse(value)) || value.length > 16)
        if (ours) expect(accepted).toBe(true)
        else if (accepted) expect(noValue).toBe(true)
      }),
      { numRuns: 400 },
    )
  })
})

it('decimals become hundredths, instants UTC with milliseconds, criteria the words of the program', () => {
  const batch = read('batches', { ...sampleRow('batches'), verified_at: '2026-11-20T23:30:00.5+02:00' })
  const value = (name: string) => batch?.values[mirrorTables.batches.columns.findIndex(({ local }) => local === name)]
  expect(value('quantity')).toBe(1250)
  expect(value('plastic_credits')).toBe(-5)
  expect(value('verification_score')).toBe(475)
  expect(value('verified_at')).toBe('2026-11-20T21:30:00.500Z')
  expect(value('risk_reasons')).toBe('["because"]')
  const rubric = read('rubrics', sampleRow('rubrics'))
  const position = mirrorTables.rubrics.columns.findIndex(({ local }) => local === 'criteria')
  expect(JSON.parse(String(rubric?.values[position]))).toEqual([
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

it('a table of a newer cloud is not known', () => {
  expect(findMirrorTable('toString')).toBeUndefined()
  expect(findMirrorTable('batches')?.local).toBe('batch')
})
