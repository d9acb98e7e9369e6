import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CloudClient } from '../cloud/cloud-client.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'

const done = { ok: true, value: null }

describe('the pull beside transactions of the cloud', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let device: TestDevice
  beforeAll(async () => {
    cloud = await startCloudFixture()
    device = await openTestDevice(cloud.profile, people.auditor)
    expect(await device.sync()).toEqual(done)
  }, cloudTestMilliseconds)
  afterAll(async () => {
    device.dispose()
    await cloud.stop()
  })

  const connect = async (database?: string): Promise<pg.Client> => {
    const url = new URL(cloud.databaseUrl)
    if (database !== undefined) url.pathname = `/${database}`
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    return client
  }
  const setRisk = (client: pg.Client, batch: number, risk: number) =>
    client.query('update public.batches set risk_score = $2 where id = $1', [rows.batch(batch), risk])
  const risksOf = (...batches: readonly number[]) => {
    const { build, read } = device.database()
    return batches.map(
      (batch) =>
        read.first(build.selectFrom('batch').select('risk_score').where('id', '=', rows.batch(batch)))?.risk_score,
    )
  }
  const expectTruth = async () =>
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.auditor.id))

  it('fault 1: what began first and is committed last arrives, though later work was fetched before it', async () => {
    const slow = await connect()
    await slow.query('begin')
    await setRisk(slow, 0, 91)
    await setRisk(cloud.owner, 1, 92)
    expect(await device.sync()).toEqual(done)
    expect(risksOf(0, 1)).toEqual([0, 92])
    await slow.query('commit')
    await slow.end()
    expect(await device.sync()).toEqual(done)
    expect(risksOf(0, 1)).toEqual([91, 92])
    await expectTruth()
  })

  it('fault 2: a transaction that stays open in another database holds nothing up and loses nothing', async () => {
    await cloud.owner.query('create database elsewhere')
    const other = await connect('elsewhere')
    await other.query('begin; create table waiting (id integer)')
    for (const risk of [41, 42, 43]) {
      await setRisk(cloud.owner, 2, risk)
      expect(await device.sync()).toEqual(done)
      expect(risksOf(2)).toEqual([risk])
    }
    await other.query('rollback')
    await other.end()
    expect(await device.sync()).toEqual(done)
    await expectTruth()
  })

  it('fault 3: what was rolled back, wholly or to a savepoint, never arrives, and the rest of it does', async () => {
    const before = risksOf(3, 4, 5)
    const client = await connect()
    await client.query('begin')
    await setRisk(client, 3, 51)
    await client.query('rollback')
    await client.query('begin')
    await setRisk(client, 4, 52)
    await client.query('savepoint half')
    await setRisk(client, 5, 53)
    await client.query('select public.end_assignments($1, $2)', [[rows.batch(6)], people.auditor.id])
    expect(await device.sync()).toEqual(done)
    expect(risksOf(3, 4, 5)).toEqual(before)
    await client.query('rollback to half')
    await client.query('commit')
    await client.end()
    expect(await device.sync()).toEqual(done)
    expect(risksOf(3, 4, 5)).toEqual([before[0], 52, before[2]])
    await expectTruth()
  })

  it('fault 6: a row that is deleted, put back, and deleted again between two pages ends as the cloud has it', async () => {
    const evidence = rows.evidence(1)
    const remove = () => cloud.owner.query('delete from public.evidence_files where id = $1', [evidence])
    await expect(remove(), 'only maintenance deletes what is mirrored').rejects.toMatchObject({ code: 'PT409' })
    const maintain = async (sql: string, values: readonly unknown[] = []) => {
      await cloud.owner.query("begin; set local veridesk.bulk = 'on'")
      await cloud.owner.query(sql, [...values])
      await cloud.owner.query('commit')
      await cloud.owner.query('select private.rebuild_feed()')
    }
    const steps = [
      () => maintain('delete from public.evidence_files where id = $1', [evidence]),
      () =>
        maintain(
          'select private.restore_deleted_row(id) from private.deleted_rows where record_id = $1 order by id desc limit 1',
          [evidence],
        ),
      () => maintain('delete from public.evidence_files where id = $1', [evidence]),
      () =>
        maintain(
          'select private.restore_deleted_row(id) from private.deleted_rows where record_id = $1 order by id desc limit 1',
          [evidence],
        ),
      () => cloud.owner.query('update public.evidence_files set deleted_at = now() where id = $1', [evidence]),
    ]
    let next = 0
    const moving: CloudClient = {
      ...device.cloud,
      async pull(...parameters) {
        const page = await device.cloud.pull(...parameters)
        await steps[next++]?.()
        return page
      },
      async poll(...parameters) {
        const answer = await device.cloud.poll(...parameters)
        await steps[next++]?.()
        return answer
      },
    }
    await cloud.owner.query('update public.batches set risk_score = (risk_score + 1) % 100')
    while (next < steps.length) expect(await device.sync({ cloud: moving, pageRows: 5 })).toEqual(done)
    expect(await device.sync()).toEqual(done)
    await expectTruth()
    const { build, read } = device.database()
    const row = read.first(build.selectFrom('evidence_file').select('deleted_at').where('id', '=', evidence))
    expect(row).toEqual({ deleted_at: expect.any(String) })
  })
})
