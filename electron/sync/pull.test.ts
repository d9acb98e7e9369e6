import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { tablesOfScope } from './scopes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, truthOf } from './testing/device.ts'

describe('the pull', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  it.each(['auditor', 'desk', 'compliance'] as const)('mirrors exactly what the cloud lets the %s see', async (who) => {
    const device = await openTestDevice(cloud.profile, people[who])
    expect(await device.sync()).toEqual({ ok: true, value: null })
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people[who].id))
    expect(device.progress.some(({ phase, total }) => phase === 'bootstrap' && total !== null)).toBe(true)
    device.dispose()
  })

  it('asks each scope for every table of which the cloud can put rows there', async () => {
    const tablesIn = async (view: string) => {
      const { rows: found } = await cloud.owner.query<{ text: string }>(
        `select pg_get_viewdef('private.${view}'::regclass) as text`,
      )
      return [...(found[0]?.text ?? '').matchAll(/'(\w+)'::text(?: AS tbl)?(?=,)/g)].map(([, name]) => name)
    }
    const reference = await tablesIn('reference_rows')
    expect(reference.length).toBeGreaterThan(3)
    expect([...tablesOfScope('reference')].sort()).toEqual(reference.sort())
    const ofBatches = [...(await tablesIn('batch_parts')), 'batches', 'projects', 'access_grants']
    for (const scope of ['person:x', 'register', 'register:x'])
      expect([...tablesOfScope(scope)].sort()).toEqual(ofBatches.sort())
    for (const scope of ['pool', 'pool:bodies'])
      expect([...tablesOfScope(scope)].sort()).toEqual(['batches', 'evidence_files', 'projects'])
  })

  it('brings what changed, and nothing else', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    await cloud.owner.query('update public.batches set description = $2 where id = $1', [
      rows.batch(3),
      'weighed again',
    ])
    await cloud.owner.query('select public.assign_batches($1, $2, $3)', [
      [rows.batch(40)],
      people.auditor.id,
      'accredited_auditor',
    ])
    await cloud.owner.query('select public.end_assignments($1, $2)', [[rows.batch(5)], people.auditor.id])
    // The cloud signs the grant that comes of this in its own time, which could be between a pull and what it is compared with.
    await vi.waitFor(async () => {
      const { rows: grants } = await cloud.owner.query(
        'select signature is not null as signed from public.access_grants',
      )
      expect(grants).toEqual([{ signed: true }])
    }, 10_000)
    const context = device.context()
    expect(await device.sync(context)).toEqual({ ok: true, value: null })
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.auditor.id))
    expect(context.changed.take()).toEqual(expect.arrayContaining([rows.batch(3), rows.batch(5), rows.batch(40)]))
    device.dispose()
  })

  it('asks for the next page of changes while one is written, and gives it up when writing fails', async () => {
    const device = await openTestDevice(cloud.profile, people.compliance)
    await device.sync()
    const follow = async (pagesWritten: number) => {
      await cloud.owner.query("update public.batches set description = 'weighed ' || clock_timestamp()")
      const steps: string[] = []
      const signals: AbortSignal[] = []
      const real = device.database()
      const database: typeof real = {
        ...real,
        write: (work, durability) =>
          real.write((handle) => {
            const value = work(handle)
            if (steps.includes('asked')) steps.push('written')
            if (steps.filter((step) => step === 'written').length > pagesWritten) throw new Error('The disk is full')
            return value
          }, durability),
      }
      const watched: typeof device.cloud = {
        ...device.cloud,
        pull: (request, options) => {
          steps.push('asked')
          if (options?.signal) signals.push(options.signal)
          return device.cloud.pull(request, options)
        },
      }
      const result = await device.sync({ cloud: watched, database, pageRows: 10 }).catch(() => 'failed')
      return { result, steps, signals }
    }
    const whole = await follow(Number.POSITIVE_INFINITY)
    expect(whole.result).toEqual({ ok: true, value: null })
    expect(whole.steps.slice(0, 5)).toEqual(['asked', 'asked', 'written', 'asked', 'written'])
    const broken = await follow(1)
    expect(broken.result).toBe('failed')
    expect(broken.signals.map(({ aborted }) => aborted)).toEqual([true, true, true])
    expect(await device.sync()).toEqual({ ok: true, value: null })
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.compliance.id))
    device.dispose()
  })

  it('need not read a page as a whole: the cloud writes it in the form that is read a stretch at a time', async () => {
    const device = await openTestDevice(cloud.profile, people.compliance)
    expect(await device.sync()).toEqual({ ok: true, value: null })
    const scope = 'register'
    for (const table of tablesOfScope(scope)) {
      const page = await device.cloud.bootstrap({ scope, table, after: null, limit: 100 })
      if (!page.ok) throw new Error(page.error.message)
      const { rows: received } = page.value
      const read = received.slice(0, received.length)
      expect(read).toHaveLength(received.length)
      if (read.length > 0) expect(received.release, table).toBeDefined()
    }
    const changes = await device.cloud.pull({ scope, cursor: '1:1:', upto: null, after: null, limit: 100 })
    expect(changes.ok && changes.value.changes.release).toBeDefined()
    expect(changes.ok && changes.value.changes.slice(98, 100)).toHaveLength(2)
    device.dispose()
  })

  it('has asked the network for the next page before it writes one, so that the cloud works meanwhile', async () => {
    const device = await openTestDevice(cloud.profile, people.compliance)
    const real = device.database()
    let steps = ''
    const sent = (message: unknown) => {
      const { path } = (message as { readonly request: { readonly path: string } }).request
      if (path.endsWith('sync_bootstrap') || path.endsWith('sync_pull')) steps += 's'
    }
    const database: typeof real = {
      ...real,
      write: (work, durability) => {
        if (durability === 'normal') steps += 'w'
        return real.write(work, durability)
      },
    }
    subscribe('undici:client:sendHeaders', sent)
    try {
      expect(await device.sync({ database, pageRows: 10 })).toEqual({ ok: true, value: null })
      expect(steps).toMatch(/^w*ss(ws){3}/)
      await cloud.owner.query("update public.batches set description = 'weighed ' || clock_timestamp()")
      steps = ''
      expect(await device.sync({ database, pageRows: 10 })).toEqual({ ok: true, value: null })
      expect(steps).toMatch(/^w*ss(ws){3}/)
    } finally {
      unsubscribe('undici:client:sendHeaders', sent)
      device.dispose()
    }
  })

  it('finds batches under the new name of their project', async () => {
    const device = await openTestDevice(cloud.profile, people.desk)
    await device.sync()
    const found = (word: string) =>
      device
        .database()
        .write((handle) =>
          handle.prepare('select count(*) as batches from batch_search where batch_search match ?').get(word),
        )
    const { batches: before } = found('"River project 1"') as { batches: number }
    await cloud.owner.query("update public.projects set name = 'Harbor collection' where id = $1", [rows.project(1)])
    expect(await device.sync()).toEqual({ ok: true, value: null })
    expect(found('harbor')).toEqual({ batches: before })
    expect(found('"River project 1"')).toEqual({ batches: 0 })
    expect(before).toBeGreaterThan(0)
    device.dispose()
  })
})
