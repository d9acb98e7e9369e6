import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import jpeg from 'jpeg-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DemoRegister, type MadeFile, makeRegister } from './make-register.ts'
import type { DefectKind } from './plan/full-evidence-recipes.ts'
import { defectKinds } from './plan/full-evidence-recipes.ts'
import { demoProjects } from './plan/projects.ts'
import { distanceKm, readBalanceGap, readClaims, readPdf, readTicket } from './testing.ts'

const timeout = 240_000
const now = '2026-11-20T08:00:00.000Z'
const cacheDirectory = mkdtempSync(path.join(os.tmpdir(), 'veridesk-demo-'))
let register: DemoRegister

beforeAll(async () => {
  register = await makeRegister({ seed: 1, batches: 2000, now, cacheDirectory })
}, timeout)
afterAll(() => rmSync(cacheDirectory, { recursive: true, force: true }))

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const fileOf = (id: string | null): MadeFile => {
  const file = register.files.find((candidate) => candidate.planned.id === id)
  if (file === undefined) throw new Error(`there is no file ${id}`)
  return file
}

const planted = (kind: DefectKind) => register.key.defects.filter((defect) => defect.kind === kind)

const siteOf = (batchId: string) => {
  const batch = register.batches.find((row) => row.id === batchId)
  const project = demoProjects().find((candidate) => candidate.id === batch?.project_id)
  if (batch === undefined || project === undefined) throw new Error(`there is no batch ${batchId}`)
  return { project, start: `${batch.period_start}T00:00:00.000Z`, end: `${batch.period_end}T23:59:59.999Z` }
}

test('the register has 2,000 batches of 40 projects over the six standards, in every state', () => {
  expect(register.batches).toHaveLength(2000)
  expect(register.projects).toHaveLength(40)
  expect(new Set(register.batches.map((row) => row.id)).size).toBe(2000)
  expect(new Set(register.batches.map((row) => row.batch_hash)).size).toBe(2000)
  const count = (column: string, value: string): number =>
    register.batches.filter((row) => row[column] === value).length
  expect(count('status', 'pending')).toBe(300)
  expect(count('status', 'approved')).toBe(200)
  expect(count('status', 'under_review')).toBeGreaterThan(1000)
  for (const status of ['changes_requested', 'rejected', 'verified', 'retired'])
    expect(count('status', status)).toBeGreaterThan(30)
  for (const standard of ['APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX'])
    expect(count('standard', standard)).toBeGreaterThan(80)
})

test('every desk verifier has hundreds of live batches and every auditor 20 to 40', () => {
  const live = (role: string): readonly number[] => {
    const counts = new Map<unknown, number>()
    for (const row of register.reviews.assignments) {
      if (row.role === role && row.ended_at === null) counts.set(row.user_id, (counts.get(row.user_id) ?? 0) + 1)
    }
    return [...counts.values()]
  }
  expect(live('desk_verifier')).toHaveLength(3)
  for (const count of live('desk_verifier')) expect(count).toBeGreaterThan(300)
  expect(live('accredited_auditor')).toHaveLength(3)
  for (const count of live('accredited_auditor')) {
    expect(count).toBeGreaterThanOrEqual(20)
    expect(count).toBeLessThanOrEqual(40)
  }
})

test('nothing happens in the future, and every history runs forward', () => {
  for (const decision of register.reviews.decisions) expect(String(decision.decided_at) < now).toBe(true)
  for (const assignment of register.reviews.assignments) expect(String(assignment.assigned_at) < now).toBe(true)
  const approvals = new Map(
    register.reviews.decisions
      .filter((row) => row.action === 'approve')
      .map((row) => [row.batch_id, String(row.decided_at)]),
  )
  for (const row of register.reviews.decisions) {
    if (row.action === 'verify') expect((approvals.get(row.batch_id) ?? 'never') < String(row.decided_at)).toBe(true)
  }
  for (const finding of register.reviews.findings) {
    if (finding.closed_at !== null)
      expect(String(finding.closed_at) < (approvals.get(finding.batch_id) ?? '')).toBe(true)
  }
})

test('two pairs of eyes: nobody verified what they approved', () => {
  const approvers = new Map(
    register.reviews.decisions.filter((row) => row.action === 'approve').map((row) => [row.batch_id, row.actor_id]),
  )
  const verified = register.reviews.decisions.filter((row) => row.action === 'verify')
  expect(verified.length).toBeGreaterThan(100)
  for (const row of verified) expect(approvers.get(row.batch_id)).not.toBe(row.actor_id)
})

test('24 batches have full evidence, ten of them with the auditors, and files say their true hash and size', () => {
  expect(register.key.fullBatches).toHaveLength(24)
  expect(register.key.fullBatches.filter((batch) => batch.auditorEmail !== null).length).toBeGreaterThanOrEqual(8)
  const altered = new Set(planted('altered_file').map((defect) => defect.fileId))
  for (const file of register.files) {
    expect(file.row.sha256 === hashOf(file.bytes), file.objectPath).toBe(!altered.has(file.planned.id))
    if (!altered.has(file.planned.id)) expect(file.row.byte_size).toBe(file.bytes.length)
  }
})

test('every kind of defect is planted at least once', () => {
  for (const kind of defectKinds) expect(planted(kind).length, kind).toBeGreaterThan(0)
})

test(
  'a photo with a wrong place claims to be far from its site, all others are at it',
  async () => {
    const wrong = new Set([...planted('photo_place'), ...planted('duplicate_photo')].map((defect) => defect.fileId))
    const unreadable = new Set(planted('unreadable_file').map((defect) => defect.fileId))
    for (const file of register.files) {
      if (file.planned.kind !== 'photo' || unreadable.has(file.planned.id)) continue
      const distance = distanceKm(await readClaims(file.bytes), siteOf(file.batchId).project)
      expect(distance > 5, file.objectPath).toBe(wrong.has(file.planned.id))
    }
  },
  timeout,
)

test(
  'a photo with a wrong time claims to be outside of the period, all others inside',
  async () => {
    const wrong = new Set(planted('photo_time').map((defect) => defect.fileId))
    const unreadable = new Set(planted('unreadable_file').map((defect) => defect.fileId))
    for (const file of register.files) {
      if (file.planned.kind !== 'photo' || unreadable.has(file.planned.id)) continue
      const { instant } = await readClaims(file.bytes)
      const { start, end, project } = siteOf(file.batchId)
      const day = new Date(instant).toLocaleDateString('sv-SE', { timeZone: project.timeZone })
      expect(day < start.slice(0, 10) || day > end.slice(0, 10), file.objectPath).toBe(wrong.has(file.planned.id))
    }
  },
  timeout,
)

test(
  'ticket numbers belong to one batch each, except for the planted duplicate',
  async () => {
    const batches = new Map<string, Set<string>>()
    for (const file of register.files) {
      if (file.planned.kind !== 'weighbridge_ticket') continue
      const { number } = await readTicket(file.bytes)
      expect(number).not.toBe('')
      batches.set(number, (batches.get(number) ?? new Set()).add(file.batchId))
    }
    const shared = [...batches.values()].filter((owners) => owners.size > 1).map((owners) => [...owners].sort())
    const expected = planted('duplicate_ticket').map((defect) => [defect.batchId, defect.otherBatchId].sort())
    expect(shared).toEqual(expected)
  },
  timeout,
)

test(
  'net is gross minus tare on every ticket but the planted one',
  async () => {
    const wrong = new Set(planted('ticket_arithmetic').map((defect) => defect.fileId))
    for (const file of register.files) {
      if (file.planned.kind !== 'weighbridge_ticket') continue
      const { gross, tare, net } = await readTicket(file.bytes)
      expect(net === gross - tare, file.objectPath).toBe(!wrong.has(file.planned.id))
    }
  },
  timeout,
)

test(
  'mass balances close to the kilogram, except for the planted ones, which miss by more than five percent',
  async () => {
    const wrong = new Set(planted('mass_balance').map((defect) => defect.fileId))
    for (const file of register.files) {
      if (file.planned.recipe.make !== 'mass_balance') continue
      const gap = await readBalanceGap(file.bytes)
      const intake = file.planned.recipe.loads.reduce((sum, load) => sum + load.grossKg - load.tareKg, 0)
      if (wrong.has(file.planned.id)) expect(Math.abs(gap) / intake).toBeGreaterThan(0.05)
      else expect(gap, file.objectPath).toBe(0)
      for (const quantity of Object.values(file.planned.recipe.balance)) expect(quantity).toBeGreaterThan(0)
    }
  },
  timeout,
)

test('what a clean batch claims is what its workbook claims', () => {
  for (const file of register.files) {
    if (file.planned.recipe.make !== 'mass_balance') continue
    const batch = register.batches.find((row) => row.id === file.batchId)
    const { productKg } = file.planned.recipe.balance
    const claimed = Math.round((productKg * file.planned.recipe.factorHundredths) / 1000)
    expect(batch?.tons_or_kwh).toBe((claimed / 100).toFixed(2))
  }
})

test('an altered file still is a ticket, with another net weight than the registered one', async () => {
  for (const defect of planted('altered_file')) {
    const file = fileOf(defect.fileId)
    if (file.planned.recipe.make !== 'weighbridge_ticket') throw new Error('the altered file is a ticket')
    const { net } = await readTicket(file.bytes)
    expect(net).toBe(file.planned.recipe.load.netKg + 3000)
  }
})

test('photos are shared between batches only where planted', () => {
  const owners = new Map<string, Set<string>>()
  for (const file of register.files) {
    const hash = hashOf(file.bytes)
    owners.set(hash, (owners.get(hash) ?? new Set()).add(file.batchId))
  }
  const shared = [...owners.values()].filter((batches) => batches.size > 1).map((batches) => [...batches].sort())
  expect(shared).toEqual(planted('duplicate_photo').map((defect) => [defect.batchId, defect.otherBatchId].sort()))
})

test('a near duplicate is another file of the same picture', () => {
  for (const defect of planted('near_duplicate_photo')) {
    const [one, other] = [fileOf(defect.fileId), fileOf(defect.otherFileId)]
    expect(one.row.sha256).not.toBe(other.row.sha256)
    const [mine, theirs] = [one, other].map((file) => jpeg.decode(file.bytes, { useTArray: true }).data)
    let difference = 0
    // Above the printed time and place.
    const end = 1024 * 660 * 4
    for (let at = 0; at < end; at += 1) difference += Math.abs((mine?.[at] ?? 0) - (theirs?.[at] ?? 0))
    expect(difference / end).toBeLessThan(6)
  }
})

test(
  'calibrations cover the period, except for the planted ones, which ended before it',
  async () => {
    const wrong = new Set(planted('expired_calibration').map((defect) => defect.fileId))
    for (const file of register.files) {
      if (file.planned.kind !== 'calibration_certificate') continue
      const { words } = await readPdf(file.bytes)
      const until = words[words.indexOf('Valid until') + 1] ?? ''
      const { start, end } = siteOf(file.batchId)
      if (wrong.has(file.planned.id)) expect(until < start.slice(0, 10)).toBe(true)
      else expect(until > end.slice(0, 10), file.objectPath).toBe(true)
    }
  },
  timeout,
)

test('the unreadable photo cannot be decoded', () => {
  for (const defect of planted('unreadable_file')) {
    expect(() => jpeg.decode(fileOf(defect.fileId).bytes, { useTArray: true, tolerantDecoding: false })).toThrow()
  }
})

test(
  'scanned logs have 60 to 200 pages that can be searched',
  async () => {
    const scans = register.files.filter((file) => file.planned.recipe.make === 'scanned_log')
    expect(scans.length).toBeGreaterThanOrEqual(4)
    for (const file of scans) {
      const { pageCount, words } = await readPdf(file.bytes)
      expect(pageCount).toBe(file.planned.recipe.make === 'scanned_log' ? file.planned.recipe.pages : 0)
      expect(words).toContain('SORTING LINE LOG')
      expect(file.bytes.length / pageCount).toBeLessThan(40_000)
    }
  },
  timeout,
)

test('the batch of the tour is clean, approved by somebody else, and has six to nine files of every kind', () => {
  const { tour, fullBatches } = register.key
  const batch = fullBatches.find((candidate) => candidate.batchId === tour.batchId)
  expect(batch).toMatchObject({ status: 'approved', isClean: true, auditorEmail: tour.auditorEmail })
  const files = register.files.filter((file) => file.batchId === tour.batchId)
  expect(files.length).toBeGreaterThanOrEqual(6)
  expect(files.length).toBeLessThanOrEqual(9)
  expect(new Set(files.map((file) => file.planned.kind))).toEqual(
    new Set([
      'weighbridge_ticket',
      'photo',
      'mass_balance',
      'transport_log',
      'calibration_certificate',
      'laboratory_report',
      'monitoring_report',
    ]),
  )
  const auditorScores = register.reviews.scores.filter((row) => row.batch_id === tour.batchId)
  expect(new Set(auditorScores.map((row) => row.verifier_id)).size).toBe(1)
})

test(
  'a second time everything is the same, from the kept files and without them',
  async () => {
    const facts = (made: DemoRegister): unknown => ({
      ...made,
      files: made.files.map((file) => [file.objectPath, hashOf(file.bytes), file.row]),
      reviews: { ...made.reviews, outcomes: [...made.reviews.outcomes] },
    })
    const again = await makeRegister({ seed: 1, batches: 2000, now, cacheDirectory })
    expect(facts(again)).toEqual(facts(register))
    const [folder = ''] = readdirSync(cacheDirectory)
    const [name = ''] = readdirSync(path.join(cacheDirectory, folder))
    writeFileSync(path.join(cacheDirectory, folder, name), 'damaged')
    const fresh = await makeRegister({ seed: 1, batches: 2000, now, cacheDirectory: null })
    expect(facts(fresh)).toEqual(facts(register))
    const repaired = await makeRegister({ seed: 1, batches: 2000, now, cacheDirectory })
    expect(facts(repaired)).toEqual(facts(register))
  },
  timeout,
)

test(
  'another seed makes another register with the same defects',
  async () => {
    const other = await makeRegister({ seed: 2, batches: 200, now, cacheDirectory: null })
    expect(other.batches[0]?.batch_hash).not.toBe(register.batches[0]?.batch_hash)
    expect(other.files[0]?.row.sha256).not.toBe(register.files[0]?.row.sha256)
    expect(other.key.defects.map((defect) => defect.kind)).toEqual(register.key.defects.map((defect) => defect.kind))
  },
  timeout,
)
