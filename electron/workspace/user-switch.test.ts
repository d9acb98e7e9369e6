import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { enqueueMutation } from '../outbox/enqueue-mutation.ts'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import { systemClock } from '../platform/clock.ts'
import { silentLog } from '../platform/log.ts'
import { scoreDraft } from '../sync/testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  password,
  people,
  rows,
  startCloudFixture,
} from '../sync/testing/cloud-fixture.ts'
import { openTestDevice } from '../sync/testing/device.ts'
import { createWorkstation, type Workstation } from './workstation.ts'

describe('two people at one computer, one of them with unsent work', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let folder: string
  let station: Workstation
  beforeAll(async () => {
    cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'veridesk-switch-'))
    station = createWorkstation({
      userDataDirectory: folder,
      environment: {},
      secrets: {
        available: async () => true,
        encrypt: async (text) => Buffer.from(text),
        decrypt: async (bytes) => Buffer.from(bytes).toString(),
      },
      clock: systemClock,
      log: silentLog,
      programVersion: '0.0.0',
      onSessionChanged: () => {},
      onSyncState: () => {},
      onBatchesChanged: () => {},
    })
    await station.start()
  })
  afterEach(async () => {
    await station.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const signIn = async (who: { readonly email: string }) => {
    const signedIn = await station.signIn({ cloud: cloud.profile, email: who.email, password, passphrase: null })
    await station.current()?.engine.settled()
    return signedIn
  }
  const open = () => {
    const workspace = station.current()
    if (workspace === null) throw new Error('somebody is signed in')
    return workspace
  }
  /** Recorded, and held for as long as nobody lets go of it. */
  const record = (batch: number): string => {
    const { database, deviceId } = open()
    return database.write((handle) =>
      enqueueMutation(
        handle,
        { clock: systemClock, deviceId, clockOffsetMilliseconds: null },
        { ...scoreDraft(database, rows.batch(batch)), holdSeconds: 3_600 },
      ),
    )
  }
  const letGo = () =>
    open().database.write((handle) => handle.prepare("update outbox set hold_until = null where state = 'held'").run())
  const inCloud = async (mutationId: string) =>
    (
      await cloud.owner.query<{ status: string; person: string }>(
        'select status, user_id as person from public.sync_mutations where mutation_id = $1',
        [mutationId],
      )
    ).rows

  it('refuses another person while it is there, and says how many changes wait', async () => {
    await signIn(people.auditor)
    const mutationId = record(0)
    expect(await signIn(people.desk)).toMatchObject({
      ok: false,
      error: {
        code: 'blocked',
        message: 'One change has not been sent.',
        action: expect.stringMatching(/leave them here, encrypted/),
        detail: { unsent: 1 },
      },
    })
    expect(station.state()).toMatchObject({ kind: 'signed_in', person: { email: people.auditor.email } })
    expect(readdirSync(path.join(folder, 'workspaces'))).toHaveLength(1)
    expect(findOutboxItem(open().database.read, mutationId)?.state).toBe('held')
  })

  it('lets the same person in again over it', async () => {
    await signIn(people.auditor)
    record(1)
    expect(await signIn(people.auditor)).toMatchObject({ ok: true })
    expect(open().engine.state().counts.held).toBe(1)
  })

  it('lets another person in once it was sent', async () => {
    await signIn(people.auditor)
    record(2)
    letGo()
    open().engine.now()
    await open().engine.settled()
    expect(await signIn(people.desk)).toMatchObject({ ok: true })
    expect(station.state()).toMatchObject({ person: { email: people.desk.email } })
  })

  it('keeps it out of the other person’s sight and session, and sends it as its own when they are back', async () => {
    await signIn(people.auditor)
    const mutationId = record(12)
    letGo()
    // Left behind on purpose before it could go.
    open().engine.setOffline(true)
    expect(await station.signOut({ keepUnsent: false })).toMatchObject({ error: { code: 'blocked' } })
    expect(await station.signOut({ keepUnsent: true })).toMatchObject({ ok: true })

    await signIn(people.desk)
    open().engine.now()
    await open().engine.settled()
    expect(findOutboxItem(open().database.read, mutationId)).toBeUndefined()
    expect(open().engine.state().counts).toMatchObject({ queued: 0, applied: 0 })
    expect(await inCloud(mutationId)).toEqual([])
    expect(await station.signOut({ keepUnsent: false })).toMatchObject({ ok: true })

    await signIn(people.auditor)
    open().engine.setOffline(false)
    await expect
      .poll(() => findOutboxItem(open().database.read, mutationId)?.state, { timeout: 20_000 })
      .toBe('applied')
    expect(await inCloud(mutationId)).toEqual([{ status: 'applied', person: people.auditor.id }])
  })

  it('sends nothing with the session of somebody else, should one ever come to a workspace', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(13)))
    await device.cloud.signIn(people.desk.email, password)
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'session_expired' } })
    expect(findOutboxItem(device.database().read, mutationId)?.state).toBe('queued')
    expect(await inCloud(mutationId)).toEqual([])
    await device.cloud.signIn(people.auditor.email, password)
    await device.sync()
    expect(await inCloud(mutationId)).toEqual([{ status: 'applied', person: people.auditor.id }])
    device.dispose()
  })
})
