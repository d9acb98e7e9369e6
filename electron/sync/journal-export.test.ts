import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../platform/log.ts'
import { listSyncExchanges, listSyncRuns } from '../sync-journal/list-sync-runs.ts'
import { endRun, insertRun } from '../sync-journal/record-run.ts'
import { writeSyncJournal } from '../sync-journal/write-sync-journal.ts'
import { createEvidenceFiles } from './evidence-files.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

const program = { programVersion: '1.2.3', host: 'node', platform: 'linux x64' }

describe('the exported journal', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let device: TestDevice
  beforeAll(async () => {
    cloud = await startCloudFixture()
    await cloud.owner.query("update public.users set name = 'Rina ' || name, organization_name = 'Nusantara Assurance'")
    const network = faultyNetwork()
    device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    device.change(scoreDraft(device.database(), rows.batch(3), { note: 'Weighed by Siti at the gate' }))
    device.change(scoreDraft(device.database(), rows.batch(3), { criterion: 'none such' }))
    await device.sync()
    await createEvidenceFiles({ context: device.context(), mayFetch: () => true, onArrived: () => {} }).prefetch(
      new AbortController().signal,
    )
    // A row that cannot be read is parked, and a refusal carries words of the cloud.
    network.decide = (address) =>
      /\/sync_(pull|poll)$/.test(address)
        ? { kind: 'answer', status: 403, body: '{"message":"auditor@example.org may not","code":"42501"}' }
        : null
    await device.sync()
  }, cloudTestMilliseconds)
  afterAll(async () => {
    device.dispose()
    await cloud.stop()
  })

  const context = () => ({
    database: device.database(),
    clock: device.clock,
    person: device.person,
    deviceId: device.deviceId,
    settings: { theme: 'system', holdSeconds: 0, singleLetterKeys: true, density: 32 } as const,
    log: silentLog,
    clockOffsetMilliseconds: 12,
  })
  const save = async () => {
    const file = path.join(device.folder, 'log.jsonl')
    const written = await writeSyncJournal(context(), program, file)
    if (!written.ok) throw new Error(written.error.message)
    return { text: readFileSync(file, 'utf8'), written: written.value }
  }

  it('names no person, organization, batch, file or device, nor anything that somebody wrote', async () => {
    const { text } = await save()
    expect(text.length).toBeGreaterThan(2_000)
    const { rows: facts } = await cloud.owner.query<{ word: string }>(
      `select unnest(array[u.id::text, u.email, u.name, u.organization_name]) as word from public.users u
       union select unnest(array[b.id::text, b.batch_hash, b.location, b.description]) from public.batches b
       union select unnest(array[e.id::text, e.title, e.object_path, e.sha256]) from public.evidence_files e
       union select unnest(array[p.id::text, p.name, p.location]) from public.projects p`,
    )
    const words = facts.map(({ word }) => word).filter((word) => word !== null && word !== '')
    expect(words.length).toBeGreaterThan(100)
    for (const word of [...words, device.deviceId, device.folder, 'Siti', 'may not', 'Score E-01'])
      expect(text.includes(word), word).toBe(false)
    expect(text, 'no id of anything').not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
    expect(text, 'no address').not.toMatch(/@|https?:/)
  })

  it('tells each run with its exchanges, and ends with the hash of the lines before', async () => {
    const { text, written } = await save()
    const lines = text.trimEnd().split('\n')
    const [head, ...others] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(head).toMatchObject({ ...program, protocolVersion: 1, schemaVersion: 1, clockOffsetMilliseconds: 12 })
    expect(head?.runs).toBe(written.rowCount)
    const failed = others.find(({ outcome }) => outcome === 'failed')
    expect(failed).toMatchObject({ errorCode: 'not_allowed' })
    expect(failed?.exchanges).toContainEqual(
      expect.objectContaining({ kind: 'poll', scope: null, httpStatus: 403, errorCode: 'not_allowed' }),
    )
    const last = others.at(-1)
    const before = text.slice(0, text.lastIndexOf(lines.at(-1) ?? ''))
    expect(last?.sha256OfLinesAbove).toBe(createHash('sha256').update(before).digest('hex'))
    expect(written.sha256).toBe(createHash('sha256').update(text).digest('hex'))
    const { build, read } = device.database()
    expect(
      read.first(
        build
          .selectFrom('audit_event')
          .select('entity_id')
          .where('action', '=', 'sync_log.exported')
          .orderBy('sequence', 'desc'),
      ),
    ).toEqual({ entity_id: written.sha256 })
  })

  it('is listed newest first, page by page, and those that failed by themselves', () => {
    const all = listSyncRuns(context(), { failedOnly: false, before: null, limit: 500 })
    const failed = listSyncRuns(context(), { failedOnly: true, before: null, limit: 500 })
    if (!all.ok || !failed.ok) throw new Error('readable')
    expect(all.value.total).toBe(all.value.runs.length)
    expect(failed.value.runs.map(({ outcome }) => outcome)).toContain('failed')
    expect(failed.value.total).toBeLessThan(all.value.total)
    const [first, second] = all.value.runs
    expect(listSyncRuns(context(), { failedOnly: false, before: first?.run ?? 0, limit: 1 })).toMatchObject({
      value: { runs: [second] },
    })
    const exchanges = listSyncExchanges(context(), { run: first?.run ?? 0, limit: 100 })
    expect(exchanges.ok && exchanges.value.length).toBe(first?.exchanges)
  })

  it('forgets what is older than 90 days by the cloud’s clock, and nothing for a clock that is a year ahead', () => {
    const database = device.database()
    const before = database.read.all(database.build.selectFrom('sync_run').select('run')).length
    const year = 365 * 24 * 60 * 60 * 1000
    const end = (offset: number) => ({
      endedAt: new Date(Date.now() + year).toISOString(),
      milliseconds: 1,
      outcome: 'done' as const,
      errorCode: null,
      clockOffsetMilliseconds: offset,
    })
    const ending = (offset: number) =>
      database.write((handle) => {
        const started = { kind: 'sync', startedAt: end(0).endedAt, attempt: 1 } as const
        endRun(handle, database, insertRun(handle, database, started), end(offset))
      })
    ending(-year)
    expect(database.read.all(database.build.selectFrom('sync_run').select('run'))).toHaveLength(before + 1)
    ending(0)
    expect(database.read.all(database.build.selectFrom('sync_run').select('run'))).toHaveLength(2)
    expect(database.read.all(database.build.selectFrom('sync_exchange').select('exchange'))).toEqual([])
  })
})
