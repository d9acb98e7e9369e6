import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CopyCheck } from '../../shared/domain/sync-journal.ts'
import { lastCopyCheck } from '../sync-journal/copy-checks.ts'
import { checkCopy, checkIsDue } from './check-copy.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

describe('comparing this copy with the cloud', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  const check = async (device: TestDevice): Promise<CopyCheck> => {
    const checked = await checkCopy(device.context(), device.deviceId, new AbortController().signal)
    if (!checked.ok) throw new Error(checked.error.message)
    return checked.value
  }
  const tamper = (device: TestDevice, sql: string, ...values: readonly unknown[]) =>
    device.database().write((handle) => handle.prepare(sql).run(...values).changes)
  const audited = (device: TestDevice) => {
    const { build, read } = device.database()
    return read.all(build.selectFrom('audit_event').select(['action', 'after']).where('entity', '=', 'workspace'))
  }
  const mirrored = async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    return device
  }

  /** The cloud signs grants by itself, also after the last pull. A pull brings them, and nothing that had been lost. */
  const expectTruth = (device: TestDevice) =>
    vi.waitFor(
      async () => {
        await device.sync()
        expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.auditor.id))
      },
      { timeout: 30_000, interval: 100 },
    )

  it('finds nothing where nothing is wrong, for everybody, and leaves no trace in the audit log', async () => {
    for (const who of ['auditor', 'desk', 'compliance'] as const) {
      const device = await openTestDevice(cloud.profile, people[who])
      await device.sync()
      const result = await check(device)
      expect(result, who).toMatchObject({ outcome: 'same', differences: [] })
      expect(result.rows).toBeGreaterThan(50)
      expect(audited(device)).toEqual([])
      device.dispose()
    }
  })

  it('tells nobody of a grant that the cloud signed after the last pull', async () => {
    const device = await mirrored()
    const signed = await cloud.owner.query(
      `insert into public.access_grants (user_id, kind, subject, valid_from, valid_until, key_id, signature)
       select $1, 'independence', $2, now(), now() + interval '1 day', k.key_id, repeat('A', 86) || '=='
       from public.grant_keys k limit 1`,
      [
        people.auditor.id,
        { declaration: 'none', about_kind: 'recycler', about_id: people.recycler.id, statement: 'None that I know of' },
      ],
    )
    expect(signed.rowCount).toBe(1)
    expect(await check(device)).toMatchObject({ outcome: 'same', differences: [] })
    expect(audited(device)).toEqual([])
    await expectTruth(device)
    expect(mirrorOf(device.database()).access_grants).not.toEqual([])
    device.dispose()
  })

  it('finds a row that was silently lost and brings it back', async () => {
    const device = await mirrored()
    expect(tamper(device, 'delete from evidence_file where id = ?', rows.evidence(3))).toBe(1)
    expect(await check(device)).toMatchObject({
      outcome: 'repaired',
      differences: [{ scope: 'person', table: 'evidence_files', missing: 1, outdated: 0, surplus: 0, remains: false }],
    })
    await expectTruth(device)
    expect(audited(device)).toEqual([
      { action: 'copy.repaired', after: expect.stringContaining('"table":"evidence_files"') },
    ])
    expect((await check(device)).outcome, 'and nothing afterwards').toBe('same')
    device.dispose()
  })

  it('finds a row that is in an older version, or in one that never was, and replaces it with the cloud’s', async () => {
    const device = await mirrored()
    await cloud.owner.query("update public.batches set description = 'weighed twice' where id = $1", [rows.batch(2)])
    await device.sync()
    tamper(device, "update batch set version = version - 1, description = 'old' where id = ?", rows.batch(2))
    tamper(device, "update batch set version = version + 7, description = 'never' where id = ?", rows.batch(4))
    expect(await check(device)).toMatchObject({
      outcome: 'repaired',
      differences: [{ scope: 'person', table: 'batches', missing: 0, outdated: 2, surplus: 0, remains: false }],
    })
    const { build, read } = device.database()
    expect(
      read.first(build.selectFrom('batch').select('description').where('id', '=', rows.batch(2)))?.description,
    ).toBe('weighed twice')
    await expectTruth(device)
    device.dispose()
  })

  it('finds a row that is surplus and takes it out, with its place in the search', async () => {
    const device = await mirrored()
    await cloud.owner.query('select public.end_assignments($1, $2)', [[rows.batch(6)], people.auditor.id])
    const before = tamper(
      device,
      `insert into assignment select null, '0000ffff-0000-4000-8000-000000000001', batch_id, user_id, role, assigned_by, assigned_at,
        due_at, ended_at, version, scopes from assignment limit 1`,
    )
    expect(before).toBe(1)
    await device.sync()
    expect(await check(device)).toMatchObject({
      outcome: 'repaired',
      differences: [{ table: 'assignments', missing: 0, outdated: 0, surplus: 1, remains: false }],
    })
    await expectTruth(device)
    await cloud.owner.query('select public.assign_batches($1, $2, $3)', [
      [rows.batch(6)],
      people.auditor.id,
      'accredited_auditor',
    ])
    device.dispose()
  })

  it('finds a lost and a surplus row though counts and versions of both sides are equal', async () => {
    const device = await mirrored()
    tamper(
      device,
      "update evidence_file set id = '0000ffff-0000-4000-8000-000000000002' where id = ?",
      rows.evidence(5),
    )
    expect(await check(device)).toMatchObject({
      outcome: 'repaired',
      differences: [{ table: 'evidence_files', missing: 1, surplus: 1 }],
    })
    await expectTruth(device)
    device.dispose()
  })

  it('keeps the outbox and the work on a batch that turns out not to be the person’s: it goes to quarantine', async () => {
    const device = await mirrored()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(7)))
    // The removal was lost: the cloud's feed says it, and this copy pretends to have seen it.
    await cloud.owner.query('select public.end_assignments($1, $2)', [[rows.batch(7)], people.auditor.id])
    const kept = device.database().read.all(device.database().build.selectFrom('batch').selectAll())
    const beyond = await openTestDevice(cloud.profile, people.auditor)
    await beyond.sync()
    const { build, read } = beyond.database()
    for (const { scope, cursor } of read.all(build.selectFrom('sync_scope').select(['scope', 'cursor'])))
      tamper(device, 'update sync_scope set cursor = ? where scope = ?', cursor, scope)
    const result = await check(device)
    expect(result.outcome).toBe('repaired')
    expect(result.differences).toContainEqual(expect.objectContaining({ table: 'batches', surplus: 1, remains: false }))
    const now = device.database()
    expect(kept.length).toBeGreaterThan(1)
    expect(
      now.read.first(
        now.build.selectFrom('batch').select(['scopes', 'quarantined_at']).where('id', '=', rows.batch(7)),
      ),
    ).toMatchObject({ scopes: 0, quarantined_at: expect.any(String) })
    expect(
      now.read.first(now.build.selectFrom('outbox').select('state').where('mutation_id', '=', mutationId))?.state,
    ).toBe('queued')
    await cloud.owner.query('select public.assign_batches($1, $2, $3)', [
      [rows.batch(7)],
      people.auditor.id,
      'accredited_auditor',
    ])
    beyond.dispose()
    device.dispose()
  })

  it('never empties this copy because the cloud’s feed lost its rows: it says that it differs', async () => {
    const device = await mirrored()
    const before = mirrorOf(device.database()).evidence_files
    expect(before?.length).toBeGreaterThan(3)
    tamper(device, 'delete from evidence_file where id = ?', rows.evidence(1))
    await cloud.owner.query("delete from public.sync_feed where scope = $1 and tbl = 'evidence_files'", [
      `person:${people.auditor.id}`,
    ])
    expect(await check(device)).toMatchObject({
      outcome: 'differs',
      differences: [{ table: 'evidence_files', surplus: 0, remains: true }],
    })
    expect(mirrorOf(device.database()).evidence_files).toHaveLength((before?.length ?? 0) - 1)
    expect(audited(device)).toMatchObject([{ action: 'copy.differs' }])
    await cloud.owner.query('select private.rebuild_feed()')
    await device.sync()
    expect(await check(device)).toMatchObject({ outcome: 'same' })
    await expectTruth(device)
    device.dispose()
  })

  it('leaves out rows that could not be read: they are on record already', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    network.decide = (path) =>
      path.endsWith('/sync_bootstrap')
        ? { kind: 'change_answer', change: (body) => body.replaceAll(/"kind"\s*:\s*"weighbridge_ticket"/g, '"kind":7') }
        : null
    await device.sync()
    network.decide = () => null
    expect(mirrorOf(device.database()).evidence_files).toEqual([])
    expect(await check(device)).toMatchObject({ outcome: 'same' })
    device.dispose()
  })

  it('is part of a run once a day, and can be ended', async () => {
    const device = await mirrored()
    const { read } = device.database()
    expect(checkIsDue(read, device.context())).toBe(true)
    await check(device)
    expect(checkIsDue(read, device.context())).toBe(false)
    const later = (hours: number) => ({
      database: device.database(),
      clock: { ...device.clock, now: () => new Date(Date.now() + hours * 3_600_000).toISOString() },
    })
    expect(checkIsDue(read, later(23))).toBe(false)
    expect(checkIsDue(read, later(25))).toBe(true)
    expect(checkIsDue(read, later(-1)), 'a clock that was set back does not put it off').toBe(true)
    tamper(device, 'delete from evidence_file')
    const abort = new AbortController()
    abort.abort()
    expect(await checkCopy(device.context(), device.deviceId, abort.signal)).toMatchObject({
      error: { code: 'cancelled' },
    })
    expect(lastCopyCheck(read, device.database())?.outcome, 'what was ended is not noted as done').toBe('same')
    device.dispose()
  })
})
