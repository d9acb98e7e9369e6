import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recoverSending } from '../../electron/outbox/take-for-push.ts'
import { scoreDraft } from '../../electron/sync/testing/changes.ts'
import {
  type CloudFixture,
  people,
  rows,
  startCloudFixture,
  cloudTestMilliseconds as timeout,
} from '../../electron/sync/testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from '../../electron/sync/testing/device.ts'
import { type LocalCloud, startLocalCloud } from '../local-cloud/index.ts'
import type { BackupManifest } from './backup-manifest.ts'
import { dumpData } from './dump-data.ts'
import { loadData } from './load-data.ts'
import { type RestoreReport, restoreBackup } from './restore-backup.ts'
import { writeBackup } from './write-backup.ts'

const migrationsDirectory = path.join(import.meta.dirname, '../../supabase/migrations')
const done = { ok: true, value: null }

/**
 * The drill of docs/operations/backup-and-restore.md: a cloud is filled and backed up, goes on, and is lost with all it had. What a
 * workstation made is then applied once, whether it was sent before the backup, after it, or never, and whether it was confirmed or not.
 */
describe('a cloud that is lost and restored', { timeout }, () => {
  let folder: string
  let lost: CloudFixture
  let restored: LocalCloud
  let owner: pg.Client
  let device: TestDevice
  let manifest: BackupManifest
  let report: RestoreReport
  /** Scores by where they were when the backup was taken. */
  const scores = { before: '', unacknowledged: '', confirmedAndLost: '', afterUnacknowledged: '', waiting: '' }

  const scoresOf = async (client: pg.Client): Promise<readonly string[]> =>
    (await client.query<{ id: string }>('select id from public.scores order by id')).rows.map(({ id }) => id)

  /** The cloud does it, and its answer never arrives. */
  const loseAnswer = async (): Promise<void> => {
    const { push } = device.cloud
    const losing: typeof push = async (...parameters) => {
      await push(...parameters)
      throw new Error('the answer is lost')
    }
    await device.sync({ cloud: { ...device.cloud, push: losing } }).catch(() => {})
    device.restart()
    // What the program does when it starts: it did not see the end of what it was sending.
    device.database().write(recoverSending)
  }
  const score = (batch: number): string => {
    const draft = scoreDraft(device.database(), rows.batch(batch), { criterion: 'E-01' })
    device.change(draft)
    return draft.rowId
  }

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'veridesk-drill-'))
    chmodSync(folder, 0o711)
    // Others may add migrations while this runs.
    cpSync(migrationsDirectory, path.join(folder, 'migrations'), { recursive: true })
    lost = await startCloudFixture({ batches: 50, evidenceFiles: 6 })
    device = await openTestDevice(lost.profile, people.auditor)
    expect(await device.sync()).toEqual(done)

    scores.before = score(0)
    expect(await device.sync()).toEqual(done)
    scores.unacknowledged = score(1)
    await loseAnswer()
    expect(await scoresOf(lost.owner)).toEqual([scores.before, scores.unacknowledged].sort())

    const file = path.join(folder, 'cloud.backup')
    manifest = await writeBackup({ databaseUrl: lost.databaseUrl, dataDirectory: lost.folder, file })

    scores.confirmedAndLost = score(5)
    expect(await device.sync()).toEqual(done)
    expect(await scoresOf(lost.owner)).toContain(scores.confirmedAndLost)

    scores.afterUnacknowledged = score(2)
    await loseAnswer()
    expect(await scoresOf(lost.owner)).toContain(scores.afterUnacknowledged)
    scores.waiting = score(3)
    // Made on top of the one that the cloud will have lost.
    device.change({
      ...scoreDraft(device.database(), rows.batch(5), { rowId: scores.confirmedAndLost, points: 5 }),
      baseVersion: 1,
    })

    const port = Number(new URL(lost.profile.url).port)
    await lost.stop()
    expect(existsSync(lost.folder)).toBe(false)
    const dataDirectory = path.join(folder, 'restored')
    report = await restoreBackup({
      file,
      dataDirectory,
      migrationsDirectory: path.join(folder, 'migrations'),
      durable: false,
    })
    restored = await startLocalCloud({
      dataDirectory,
      migrationsDirectory: path.join(folder, 'migrations'),
      durable: false,
      port,
    })
    owner = new pg.Client({ connectionString: restored.databaseUrl })
    await owner.connect()
  }, timeout)
  afterAll(async () => {
    device?.dispose()
    await owner?.end()
    await restored?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }, timeout)

  test('everything that was there at the backup is there, and holds together', async () => {
    expect(report).toMatchObject({ ok: true, chain: { ok: true }, feed: { differences: 0 } })
    expect(report.feed.entries).toBeGreaterThan(50)
    expect(manifest.tables).toMatchObject({ 'public.batches': 50, 'public.scores': 2 })
    const counts = await owner.query(
      `select (select count(*) from public.batches)::integer as batches, (select count(*) from public.evidence_files)::integer as files,
         (select count(*) from storage.objects)::integer as objects, (select count(*) from auth.users)::integer as accounts`,
    )
    expect(counts.rows).toEqual([{ batches: 50, files: 6, objects: 6, accounts: Object.keys(people).length }])
    expect(await scoresOf(owner)).toEqual([scores.before, scores.unacknowledged].sort())
    expect(restored.publishableKey).toBe(lost.profile.publishableKey)
  })

  test('fault 8: a workstation fetches everything again, and all its work is applied exactly once, what was lost too', async () => {
    expect(await device.sync()).toEqual(done)
    expect(await device.sync()).toEqual(done)
    expect(await scoresOf(owner)).toEqual(
      [
        scores.before,
        scores.unacknowledged,
        scores.confirmedAndLost,
        scores.afterUnacknowledged,
        scores.waiting,
      ].sort(),
    )
    const versions = await owner.query('select id, version, points from public.scores where version > 1')
    expect(versions.rows).toEqual([{ id: scores.confirmedAndLost, version: 2, points: 5 }])
    const { build, read } = device.database()
    const told = read.all(
      build.selectFrom('audit_event').select('entity_id').where('action', '=', 'change.lost_by_restore'),
    )
    expect(told).toHaveLength(1)
    expect(mirrorOf(device.database())).toEqual(await truthOf(owner, people.auditor.id))
    const open = device
      .database()
      .read.all(device.database().build.selectFrom('outbox').select(['state']).where('state', '<>', 'applied'))
    expect(open).toEqual([])
  })

  test('people sign in with their passwords, files are served, and another workstation mirrors the same', async () => {
    const second = await openTestDevice({ ...lost.profile, url: restored.url }, people.auditor)
    expect(await second.sync()).toEqual(done)
    expect(mirrorOf(second.database())).toEqual(mirrorOf(device.database()))
    second.dispose()
    const { rows: objects } = await owner.query<{ name: string; size: string }>(
      `select name, metadata ->> 'size' as size from storage.objects where bucket_id = 'verification-docs' order by name limit 1`,
    )
    const response = await fetch(`${restored.url}/storage/v1/object/verification-docs/${objects[0]?.name}`, {
      headers: { apikey: restored.secretKey, authorization: `Bearer ${restored.secretKey}` },
    })
    expect((await response.arrayBuffer()).byteLength).toBe(Number(objects[0]?.size))
  })

  test('new work goes on in the chain and in the feed', async () => {
    const before = await owner.query('select max(seq) as seq from public.audit_seals')
    const id = score(4)
    expect(await device.sync()).toEqual(done)
    expect(await scoresOf(owner)).toContain(id)
    const after = await owner.query(
      `select (select max(seq) from public.audit_seals) as seq, private.check_audit_chain(null, null) ->> 'ok' as ok`,
    )
    expect(Number(after.rows[0].seq)).toBeGreaterThan(Number(before.rows[0].seq))
    expect(after.rows[0].ok).toBe('true')
    await owner.query(`update public.batches set description = 'Changed after the restore' where id = $1`, [
      rows.batch(5),
    ])
    expect(await device.sync()).toEqual(done)
    expect(mirrorOf(device.database())).toEqual(await truthOf(owner, people.auditor.id))
  })

  test('rows come back as they were: a dump of what was loaded is the same text', async () => {
    const first = path.join(folder, 'first.gz')
    const again = path.join(folder, 'again.gz')
    const client = new pg.Client({ connectionString: restored.databaseUrl })
    await client.connect()
    await dumpData(client, first)
    await loadData(client, first)
    await dumpData(client, again)
    // What the worker and the sessions do meanwhile is not of interest.
    const tablesOf = (file: string): readonly string[] =>
      gunzipSync(readFileSync(file))
        .toString()
        .split('\\.\n')
        .filter((part) => /copy "public"\."(batches|scores|users|findings|audit_seals)"/.test(part))
    expect(tablesOf(again)).toEqual(tablesOf(first))
    expect(tablesOf(first)).toHaveLength(5)
    await client.end()
  })

  test('data that ends early changes nothing', async () => {
    const file = path.join(folder, 'short.gz')
    const client = new pg.Client({ connectionString: restored.databaseUrl })
    await client.connect()
    const before = await scoresOf(client)
    writeFileSync(file, gzipSync('truncate public.scores;\ncopy "public"."scores" (id) from stdin;\n'))
    await expect(loadData(client, file)).rejects.toThrow('ends in the middle of a table')
    expect(await scoresOf(client)).toEqual(before)
    await client.end()
  })
})
