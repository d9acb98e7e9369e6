import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MutationDto } from '../../shared/wire/sync.ts'
import { addOffer, allowManyPurchases, buyAndPay } from './credits.ts'
import { grantAccess } from './grants.ts'
import { batchNow, decision, mutation, push } from './mutations.ts'
import {
  addBatches,
  addPerson,
  addProject,
  assign,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  SERVICE,
  type Session,
  smallRubric,
  startCloud,
} from './support.ts'

const timeout = 2 * SERVER_TEST_MS
let cloud: Cloud
let recycler: string
let rubric: string
beforeAll(async () => {
  cloud = await startCloud()
  await allowManyPurchases(cloud.owner)
  recycler = await addPerson(cloud.owner, { role: 'recycler' })
  rubric = await publishRubric(cloud.owner)
}, timeout)
afterAll(() => cloud.stop())

/** The changes that score and verify batches, in this order. */
const verifications = async (batches: readonly string[]): Promise<readonly MutationDto[]> => {
  const changes: MutationDto[] = []
  for (const batch of batches) {
    for (const { code } of smallRubric.criteria)
      changes.push(
        mutation('score.set', batch, {
          rubric_id: rubric,
          criterion_code: code,
          points: 5,
          not_applicable_reason: null,
          note: '',
          evidence_ids: [],
        }),
      )
    changes.push(
      decision(batch, await batchNow(cloud.owner, batch), {
        action: 'verify',
        reason_code: 'verified',
        score: '5.00',
        rubric_id: rubric,
        opinion: 'unmodified',
        assurance_level: 'reasonable',
      }),
    )
  }
  return changes
}

test('auditors who verify batches of the same projects in opposite order all get through, and every credit is counted', {
  timeout,
}, async () => {
  const projects = [await addProject(cloud.owner, recycler), await addProject(cloud.owner, recycler)]
  const crowd: { session: Session; changes: readonly MutationDto[] }[] = []
  for (let index = 0; index < 10; index += 1) {
    const id = await addPerson(cloud.owner, { role: 'verifier', subRole: 'accredited_auditor' })
    await grantAccess(cloud.owner, id, { standards: ['APRS'], independentOf: [recycler] })
    const batches: string[] = []
    for (const project of index % 2 === 0 ? projects : projects.toReversed())
      batches.push(...(await addBatches(cloud.owner, project, 2, 'approved')))
    await assign(cloud.owner, batches, id, 'accredited_auditor')
    crowd.push({ session: await cloud.openAs(id), changes: await verifications(batches) })
  }
  const fates = await Promise.all(crowd.map(({ session, changes }) => push(session, changes)))
  expect(fates.flat().filter(({ status }) => status !== 'applied')).toEqual([])
  const { rows } = await cloud.owner.query(
    `select p.total_credits_generated as total,
       (select sum(calculated_plastic_credits + calculated_carbon_credits) from public.batches b where b.project_id = p.id) as sum
     from public.projects p where p.id = any ($1)`,
    [projects],
  )
  expect(rows).toEqual(rows.map(({ sum }) => ({ total: sum, sum })))
  expect(rows.map(({ total }) => Number(total) > 0)).toEqual([true, true])
})

test('what a project sold is what was paid for, whoever buys at the same moment', { timeout }, async () => {
  const service = await cloud.openAs(SERVICE)
  const { batch: one, project } = await addOffer(cloud.owner, { recycler })
  const { batch: other } = await addOffer(cloud.owner, { recycler, project })
  const waiting = await addOffer(cloud.owner, { recycler, project, status: 'approved' })
  const services = await Promise.all(Array.from({ length: 10 }, () => cloud.openAs(SERVICE)))
  await Promise.all(
    services.map(async (session, index) => {
      const buyer = await cloud.openAs(await addPerson(await cloud.connect(), { role: 'buyer' }))
      await buyAndPay(buyer, session, index % 2 === 0 ? one : other, '0.75')
      await buyAndPay(buyer, session, index % 2 === 0 ? other : one, '0.25')
    }),
  )
  const totals = async () =>
    (
      await service.query(
        'select total_credits_generated as generated, total_credits_sold as sold from public.projects where id = $1',
        [project],
      )
    )[0]
  expect(await totals()).toEqual({ generated: '20.00', sold: '10.00' })
  await service.query(`update public.batches set status = 'verified' where id = $1`, [waiting.batch])
  expect(await totals()).toEqual({ generated: '30.00', sold: '10.00' })
})
