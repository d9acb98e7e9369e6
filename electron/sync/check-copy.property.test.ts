import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCopy } from './check-copy.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const seed = Number(process.env.VERIDESK_SEED ?? Math.floor(Math.random() * 2 ** 31))

describe(`comparing while writers write, seed ${seed}`, { timeout: 2 * cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  /** Writes in transactions of one to three statements, some of them rolled back or held open for a while, until it is ended. */
  const startWriter = async (random: () => number) => {
    const client = new pg.Client({ connectionString: cloud.databaseUrl })
    await client.connect()
    const below = (limit: number) => Math.floor(random() * limit)
    const statement = (): Promise<unknown> => {
      const batch = rows.batch(below(50))
      const dice = random()
      if (dice < 0.4)
        return client.query('update public.batches set risk_score = $2 where id = $1', [batch, below(101)])
      if (dice < 0.6)
        return client.query('select public.assign_batches($1, $2, $3)', [
          [batch],
          people.auditor.id,
          'accredited_auditor',
        ])
      if (dice < 0.75) return client.query('select public.end_assignments($1, $2)', [[batch], people.auditor.id])
      if (dice < 0.9)
        return client.query('update public.projects set name = $2 where id = $1', [
          rows.project(below(3)),
          `P${below(99)}`,
        ])
      return client.query('update public.evidence_files set title = $2 where id = $1', [
        rows.evidence(below(12)),
        `Ticket ${below(99)}`,
      ])
    }
    let writing = true
    let committed = 0
    const done = (async () => {
      while (writing) {
        await client.query('begin')
        try {
          for (let count = 1 + below(3); count > 0; count -= 1) await statement()
          if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, below(120)))
          await client.query(random() < 0.15 ? 'rollback' : 'commit')
          committed += 1
        } catch (error) {
          await client.query('rollback')
          // Two who lock in different orders: one of them loses and tries something else.
          if (!(error instanceof pg.DatabaseError && ['40P01', '23505'].includes(error.code ?? ''))) throw error
        }
        await new Promise((resolve) => setTimeout(resolve, below(20)))
      }
    })()
    return async () => {
      writing = false
      await done
      await client.end()
      return committed
    }
  }

  const check = async (device: TestDevice) => {
    const checked = await checkCopy(device.context({ pageRows: 50 }), device.deviceId, new AbortController().signal)
    if (!checked.ok) throw new Error(checked.error.message)
    return checked.value
  }

  it('never takes what others just wrote for a difference, and finds what is really lost among it', async () => {
    const random = randomNumbers(seed)
    const below = (limit: number) => Math.floor(random() * limit)
    const devices = [
      await openTestDevice(cloud.profile, people.auditor),
      await openTestDevice(cloud.profile, people.compliance),
    ]
    for (const device of devices) await device.sync({ pageRows: 50 })
    const writers = await Promise.all([startWriter(randomNumbers(seed + 1)), startWriter(randomNumbers(seed + 2))])
    let repaired = 0
    let compared = 0
    for (let round = 0; round < 12; round += 1) {
      for (const device of devices) {
        if (random() < 0.3) device.change(scoreDraft(device.database(), rows.batch(below(20)), { note: `n${round}` }))
        if (random() < 0.7) await device.sync({ pageRows: 1 + below(40) })
        expect(await check(device), `round ${round}: no false alarm`).toMatchObject({
          outcome: 'same',
          differences: [],
        })
        compared += 1
        if (random() < 0.4) {
          const lost = device
            .database()
            .write((handle) =>
              handle.prepare('delete from evidence_file where row in (select row from evidence_file limit 1)').run(),
            )
          if (lost.changes === 0) continue
          // A row that changed since the cursor is left out now and comes with the next pull.
          const found = await check(device)
          if (found.differences.length === 0) await device.sync()
          else repaired += 1
          expect(['same', 'repaired']).toContain(found.outcome)
        }
      }
    }
    const committed = await Promise.all(writers.map((end) => end()))
    for (const device of devices) {
      await device.sync()
      expect((await check(device)).outcome).toBe('same')
      // What left with open work on it stays until the person has let go of that.
      device.database().write((handle) => {
        handle
          .prepare("update outbox set state = 'superseded' where state in ('conflict', 'rejected', 'waiting')")
          .run()
      })
      await device.sync()
      expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, device.person.id))
      device.dispose()
    }
    expect(compared).toBe(24)
    expect(repaired, 'something was lost and found').toBeGreaterThan(0)
    expect(Math.min(...committed)).toBeGreaterThan(10)
  })
})
