import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CloudClient } from '../cloud/cloud-client.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import { storageFailure } from '../database/storage-error.ts'
import { readFact } from './facts.ts'
import { parkedRowsProblem } from './run-once.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

const done = { ok: true, value: null }

describe('the pull under faults', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  const assign = (batch: number, who: { readonly id: string } = people.auditor) =>
    cloud.owner.query('select public.assign_batches($1, $2, $3)', [[rows.batch(batch)], who.id, 'accredited_auditor'])
  const unassign = (batch: number, who: { readonly id: string } = people.auditor) =>
    cloud.owner.query('select public.end_assignments($1, $2)', [[rows.batch(batch)], who.id])
  const expectTruth = async (device: TestDevice) =>
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, device.person.id))

  /** A cloud that calls `before` with the number of each call of the protocol. */
  const intercepted = (inner: CloudClient, before: (call: number) => Promise<void> | void): CloudClient => {
    let calls = 0
    const counted =
      <Parameters extends unknown[], Answer>(method: (...parameters: Parameters) => Promise<Answer>) =>
      async (...parameters: Parameters): Promise<Answer> => {
        await before(calls++)
        return method(...parameters)
      }
    return {
      ...inner,
      handshake: counted(inner.handshake),
      bootstrap: counted(inner.bootstrap),
      pull: counted(inner.pull),
      poll: counted(inner.poll),
      push: counted(inner.push),
    }
  }

  it('fault 4: killed at any call to the cloud, it goes on from where it was', async () => {
    const device = await openTestDevice(cloud.profile, people.desk)
    for (let fatal = 0; ; fatal += 3) {
      const dying = intercepted(device.cloud, (call) => {
        if (call === fatal) throw new Error('killed')
      })
      const survived = await device.sync({ cloud: dying }).then(
        () => true,
        () => false,
      )
      device.restart()
      if (survived) break
      await unassign(10 + (fatal % 5), people.desk)
      await assign(20 + (fatal % 5), people.auditor)
    }
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it('fault 4: killed at any write, it goes on from where it was', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    for (let fatal = 1; ; fatal = Math.ceil(fatal * 1.3)) {
      let writes = 0
      const real = device.database()
      const dying: WorkspaceDatabase = {
        ...real,
        write: (work, durability) =>
          real.write((handle) => {
            const value = work(handle)
            writes += 1
            if (writes === fatal) throw new Error('killed')
            return value
          }, durability),
      }
      const survived = await device.sync({ database: dying }).then(
        () => true,
        () => false,
      )
      device.restart()
      if (survived) break
    }
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it('fault 4: a real process that is killed while it mirrors leaves a workspace that goes on', async () => {
    const device = await openTestDevice(cloud.profile, people.compliance)
    device.close()
    for (const milliseconds of [350, 500, 650]) {
      const child = fork(path.join(import.meta.dirname, 'testing/mirror-process.ts'), [
        JSON.stringify({
          profile: cloud.profile,
          folder: device.folder,
          who: people.compliance,
          keyHex: device.keyHex,
        }),
      ])
      const exited = once(child, 'exit')
      await once(child, 'message')
      await pause(milliseconds - 300)
      child.kill('SIGKILL')
      await exited
    }
    device.restart()
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it('fault 6: rows that come and go while pages are fetched end up as the cloud has them', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const moving = intercepted(device.cloud, async (call) => {
      const batch = 30 + (call % 12)
      await (call % 2 === 0 ? assign(batch) : unassign(batch - 1))
      await cloud.owner.query('update public.batches set risk_score = (risk_score + 1) % 100 where id = any ($1)', [
        [rows.batch(call % 20), rows.batch((call * 7) % 50)],
      ])
    })
    for (let round = 0; round < 3; round += 1) expect(await device.sync({ cloud: moving })).toEqual(done)
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it('fault 8: a cloud restored from a backup is fetched again, and unsent work is kept', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    // A row of a life of the cloud that never was, and versions that are ahead of the restored ones.
    device.database().write((handle) => {
      handle.prepare('update batch set version = version + 1000, location = ?').run('of another life')
      handle
        .prepare(
          `insert into person (id, name, role, version, scopes) values (?, 'Ghost', 'verifier', 1,
             (select 1 << bit from sync_scope where scope = 'reference'))`,
        )
        .run('0d0d0d0d-0000-4000-8000-000000000000')
    })
    device.change({ ...scoreDraft(device.database(), rows.batch(1)), holdSeconds: 600 })
    await cloud.owner.query('update public.server_state set server_epoch = gen_random_uuid()')
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    const lost = device
      .database()
      .read.all(device.database().build.selectFrom('batch').select('id').where('location', '=', 'of another life'))
    expect(lost).toEqual([])
    const kept = device.database().read.all(device.database().build.selectFrom('outbox').select('state'))
    expect(kept).toEqual([{ state: 'held' }])
    const scopes = device.database().read.all(device.database().build.selectFrom('sync_scope').selectAll())
    expect(scopes.every(({ state }) => state === 'live')).toBe(true)
    device.dispose()
  })

  it('fault 8: a cursor ahead of the cloud is dropped and the scope fetched again', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    device.database().write((handle) => handle.prepare("update sync_scope set cursor = '99999999:99999999:'").run())
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it('fault 9: a batch that is taken away with unsent work on it is kept in quarantine until the work is settled', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await assign(2)
    await device.sync()
    const mutationId = device.change({ ...scoreDraft(device.database(), rows.batch(2)), holdSeconds: 600 })
    await unassign(2)
    expect(await device.sync()).toEqual(done)
    const batch = () =>
      device
        .database()
        .read.first(
          device
            .database()
            .build.selectFrom('batch')
            .select(['scopes', 'quarantined_at'])
            .where('id', '=', rows.batch(2)),
        )
    expect(batch()).toEqual({ scopes: 0, quarantined_at: expect.any(String) })
    device.database().write((handle) => {
      handle.prepare("update outbox set hold_until = null, state = 'queued' where mutation_id = ?").run(mutationId)
    })
    // The cloud refuses the score of a batch that is not the auditor's any more: rejected, visible, and still kept.
    expect(await device.sync()).toEqual(done)
    expect(batch()?.quarantined_at).toEqual(expect.any(String))
    device.database().write((handle) => {
      handle.prepare("update outbox set state = 'superseded' where mutation_id = ?").run(mutationId)
    })
    expect(await device.sync()).toEqual(done)
    expect(batch()).toBeUndefined()
    await expectTruth(device)
    await assign(2)
    device.dispose()
  })

  it('fault 9: words in a draft keep a batch too, and a batch that comes back leaves quarantine', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await assign(3)
    await device.sync()
    device.database().write((handle) => {
      handle
        .prepare("insert into draft (key, body, saved_at) values (?, 'half a sentence', '2026-11-20T00:00:00.000Z')")
        .run(`finding:${rows.batch(3)}`)
    })
    await unassign(3)
    await device.sync()
    const quarantined = () =>
      device
        .database()
        .read.first(
          device.database().build.selectFrom('batch').select('quarantined_at').where('id', '=', rows.batch(3)),
        )?.quarantined_at
    expect(quarantined()).toEqual(expect.any(String))
    await assign(3)
    await device.sync()
    expect(quarantined()).toBeNull()
    await expectTruth(device)
    device.dispose()
  })

  it('fault 9: where somebody was on the screen of a batch keeps no batch', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await assign(3)
    await device.sync()
    device.database().write((handle) => {
      handle
        .prepare("insert into draft (key, body, saved_at) values (?, '{}', '2026-11-20T00:00:00.000Z')")
        .run(`batch.${rows.batch(3)}.view`)
    })
    await unassign(3)
    await device.sync()
    await expectTruth(device)
    device.dispose()
  })

  it('fault 10: access to old rows brings them though nothing in them changed', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await unassign(28)
    await device.sync()
    await assign(28)
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it('fault 11: a row in two scopes stays until both have let it go', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const project = () =>
      device
        .database()
        .read.first(device.database().build.selectFrom('project').select('scopes').where('id', '=', rows.project(0)))
    const both = project()?.scopes ?? 0
    expect(both & (both - 1)).not.toBe(0)
    const pool = await cloud.owner.query<{ id: string }>(
      "select id from public.batches where project_id = $1 and status = 'pending' order by id",
      [rows.project(0)],
    )
    await cloud.owner.query('select public.assign_batches($1, $2, $3)', [
      pool.rows.map(({ id }) => id),
      people.desk.id,
      'desk_verifier',
    ])
    await device.sync()
    const one = project()?.scopes ?? 0
    expect(one).not.toBe(0)
    expect(one & (one - 1)).toBe(0)
    await expectTruth(device)
    device.dispose()
  })

  it('fault 16: a page that is cut off changes nothing, a page with doubled rows changes nothing twice', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    network.decide = (path, body) =>
      path.endsWith('sync_bootstrap') && body.includes('"batches"')
        ? { kind: 'change_answer', change: (text) => text.slice(0, text.length / 2) }
        : null
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_incompatible' } })
    // The last row alone cannot be read: those before it have been written by then.
    network.decide = (path, body) =>
      path.endsWith('sync_bootstrap') && body.includes('"batches"')
        ? { kind: 'change_answer', change: (text) => text.replace('}], "next"', ',}], "next"') }
        : null
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_incompatible' } })
    expect(mirrorOf(device.database()).batches).toEqual([])
    network.decide = (path) =>
      path.endsWith('sync_bootstrap')
        ? {
            kind: 'change_answer',
            change: (text) => {
              const page = JSON.parse(text)
              return JSON.stringify({ ...page, rows: [...page.rows, ...page.rows.toReversed()] })
            },
          }
        : null
    expect(await device.sync()).toEqual(done)
    network.decide = () => null
    await expectTruth(device)
    device.dispose()
  })

  it('fault 16: a page that does not follow the one before is refused, so that it cannot go round for ever', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    let first = ''
    network.decide = (path, body) =>
      path.endsWith('sync_bootstrap') && body.includes('"batches"') && body.includes('person:')
        ? {
            kind: 'change_answer',
            change: (text) => {
              first ||= text
              return first
            },
          }
        : null
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_incompatible' } })
    network.decide = () => null
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it('fault 17: a disk that fills up in the middle of a page loses nothing, and the pull goes on when there is room', async () => {
    const device = await openTestDevice(cloud.profile, people.compliance)
    const limitPages = (add: number) =>
      device.database().write((handle) => {
        const { page_count } = handle.prepare('pragma page_count').get() as { page_count: number }
        handle.prepare(`pragma max_page_count = ${page_count + add}`).get()
      })
    limitPages(3)
    const failure = await device.sync().catch(storageFailure)
    expect(failure).toMatchObject({ code: 'disk_full' })
    limitPages(1_000_000)
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it('parks a row that it cannot read, says so, and takes it in when it can be read again', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    network.decide = (path) =>
      path.endsWith('sync_bootstrap')
        ? {
            kind: 'change_answer',
            change: (text) => {
              const page = JSON.parse(text)
              for (const row of page.rows) if (row.id === rows.batch(4)) row.tons_or_kwh = 12.5
              return JSON.stringify(page)
            },
          }
        : null
    expect(await device.sync()).toEqual(done)
    const database = device.database()
    expect(readFact(database.read, database, 'sync.parked_rows')).toEqual([
      { table: 'batches', id: rows.batch(4), field: 'tons_or_kwh', reason: expect.any(String) },
    ])
    expect(parkedRowsProblem(device.context())).toMatchObject({ code: 'cloud_incompatible' })
    network.decide = () => null
    await cloud.owner.query('update public.batches set risk_score = (risk_score + 1) % 100 where id = $1', [
      rows.batch(4),
    ])
    expect(await device.sync()).toEqual(done)
    expect(parkedRowsProblem(device.context())).toBeNull()
    await expectTruth(device)
    device.dispose()
  })

  it('ends at once when it is cancelled, and goes on from there', async () => {
    const device = await openTestDevice(cloud.profile, people.compliance)
    const abort = new AbortController()
    const cancelling = intercepted(device.cloud, (call) => {
      if (call === 9) abort.abort()
    })
    expect(await device.sync({ cloud: cancelling }, abort.signal)).toMatchObject({ error: { code: 'cancelled' } })
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })
})
