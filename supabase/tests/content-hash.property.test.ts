import { createHash, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentHash, contentHashText } from '../../shared/domain/content-hash.ts'
import { evidenceKinds } from '../../shared/domain/evidence.ts'
import { divideHalfEven } from '../../shared/domain/rubric-score.ts'
import {
  addBatches,
  addPerson,
  addProject,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  smallRubric,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let recycler: string
let project: string
beforeAll(async () => {
  cloud = await startCloud()
  recycler = await addPerson(cloud.owner, { role: 'recycler' })
  project = await addProject(cloud.owner, recycler)
}, timeout)
afterAll(() => cloud.stop())

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

/** Text that PostgreSQL can hold: any characters but NUL and halves of surrogate pairs. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('"quoted" \\ back/slash', '\b\t\n\f\r\u0001\u001f\u007f', '\u2028\u2029', '🌊 مُمباسا', '</script>'),
  )
  .map((value) => value.toWellFormed().replaceAll('\u0000', ''))
const decimal = fc.integer({ min: 0, max: 9_999_999_999 }).map((hundredths) => {
  const digits = String(hundredths).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
})
const content = fc.record({
  location: text.filter((value) => value !== ''),
  description: fc.option(text),
  quantity: decimal.filter((value) => value.length <= 11),
  plastic: decimal.filter((value) => value.length <= 11),
  carbon: decimal.filter((value) => value.length <= 11),
  day: fc.integer({ min: 0, max: 20_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10)),
  evidence: fc.array(fc.record({ kind: fc.constantFrom(...evidenceKinds), deleted: fc.boolean() }), { maxLength: 4 }),
})

const readRubric = async (): Promise<{ id: string; revision: number } | null> => {
  const { rows } = await cloud.owner.query(
    `select id, revision from public.rubrics where standard = 'APRS' order by revision desc limit 1`,
  )
  return rows[0] ?? null
}

const checkContent = async (rubric: { id: string; revision: number } | null): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(content, async (given) => {
      const { rows } = await cloud.owner.query(
        `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted, description,
           calculated_plastic_credits, calculated_carbon_credits)
         values ($1, $2, 'APRS', $3, $4, $5, $6, $7, $8) returning *, date_submitted::text as day, version`,
        [recycler, project, given.quantity, given.location, given.day, given.description, given.plastic, given.carbon],
      )
      const batch = rows[0]
      const evidence = given.evidence.map((file) => ({ ...file, id: randomUUID(), sha256: sha256(randomUUID()) }))
      for (const file of evidence)
        await cloud.owner.query(
          `insert into public.evidence_files (id, batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, uploaded_by, deleted_at)
           values ($1, $2, 'batch-photos', 'p/' || $3::text, $3, 1, 'x', $4, 't', $5, $6)`,
          [file.id, batch.id, file.sha256, file.kind, recycler, file.deleted ? new Date().toISOString() : null],
        )
      const input = {
        batch: {
          id: batch.id,
          batch_hash: batch.batch_hash,
          user_id: recycler,
          project_id: project,
          standard: 'APRS',
          tons_or_kwh: given.quantity,
          location: given.location,
          date_submitted: given.day,
          description: given.description,
        },
        calculation: { plastic_credits: given.plastic, carbon_credits: given.carbon },
        evidence: evidence.filter(({ deleted }) => !deleted),
        rubric,
      }
      const { rows: cloudSide } = await cloud.owner.query(
        `select private.content_text(b) as text, b.content_hash as stored, public.batch_content_hash(b.id) as computed
         from public.batches b where id = $1`,
        [batch.id],
      )
      const expected = contentHash(input, sha256)
      expect(cloudSide[0]).toEqual({ text: contentHashText(input), stored: expected, computed: expected })
    }),
    { numRuns: 60 },
  )
}

test('workstation and cloud write the same text and hash for any content, before and after a rubric is published', {
  timeout,
}, async () => {
  await checkContent(null)
  await publishRubric(cloud.owner)
  await checkContent(await readRubric())
})

test('the hash and the version move with the content, and with nothing else', { timeout }, async () => {
  const { owner } = cloud
  const [batch = ''] = await addBatches(owner, project, 1)
  const read = async () => {
    const { rows } = await owner.query<{ content_hash: string; version: number; current: string }>(
      'select content_hash, version, public.batch_content_hash(id) as current from public.batches where id = $1',
      [batch],
    )
    const [row] = rows
    if (row === undefined) throw new Error('the batch exists')
    expect(row.content_hash).toBe(row.current)
    return row
  }
  const first = await read()
  await owner.query('update public.batches set location = location where id = $1', [batch])
  expect(await read()).toEqual(first)
  await owner.query('update public.batches set risk_score = 40 where id = $1', [batch])
  const rated = await read()
  expect([rated.version, rated.content_hash]).toEqual([first.version + 1, first.content_hash])
  await owner.query(`update public.batches set content_hash = repeat('f', 64) where id = $1`, [batch])
  expect((await read()).content_hash).toBe(first.content_hash)
  await owner.query(`update public.batches set location = 'Lamu' where id = $1`, [batch])
  const moved = await read()
  expect(moved.content_hash).not.toBe(first.content_hash)
  await publishRubric(owner)
  const underNewRubric = await read()
  expect(underNewRubric.content_hash).not.toBe(moved.content_hash)
  await owner.query(`update public.batches set status = 'rejected' where id = $1`, [batch])
  await publishRubric(owner)
  const { rows } = await owner.query('select content_hash from public.batches where id = $1', [batch])
  expect(rows[0].content_hash, 'a settled batch keeps what was decided on').toBe(underNewRubric.content_hash)
})

test('a rubric is complete, and unchangeable once published', { timeout }, async () => {
  const { owner } = cloud
  const [first] = smallRubric.criteria
  const broken = [
    { criteria: [] },
    { criteria: [{ ...first, weight: 0 }] },
    { criteria: [{ ...first, anchors: ['one'] }] },
    { criteria: [first, first] },
    { criteria: [{ ...first, knock_out: 'yes' }] },
    {},
  ]
  for (const body of broken) await expect(publishRubric(owner, 'PCX', body)).rejects.toMatchObject({ code: 'PT400' })
  const id = await publishRubric(owner, 'PCX')
  await expect(owner.query(`update public.rubrics set title = 'x' where id = $1`, [id])).rejects.toMatchObject({
    code: 'PT409',
  })
})

test('workstation and cloud round a weighted mean alike', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 1000 }), async (points, weights) => {
      const { rows } = await cloud.owner.query('select private.mean_score($1::bigint, $2::bigint) as mean', [
        points,
        weights,
      ])
      expect(rows[0].mean).toBe(Number(divideHalfEven(BigInt(points) * 100n, BigInt(weights))))
    }),
    { numRuns: 300 },
  )
})
