import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionState } from '../../shared/contract/views.ts'
import { enqueueMutation } from '../outbox/enqueue-mutation.ts'
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
import { faultyNetwork } from '../sync/testing/faulty-network.ts'
import type { AsyncSecretStore } from './secret-store.ts'
import { createWorkstation, type Workstation } from './workstation.ts'

/** A keychain that belongs to one person on one computer. */
const keychain = (available = true): AsyncSecretStore & { lost: boolean } => {
  const store = {
    lost: false,
    available: async () => available,
    encrypt: async (text: string) => Buffer.from(`sealed ${text}`),
    decrypt: async (bytes: Uint8Array) => {
      if (store.lost) throw new Error('not known here')
      return Buffer.from(bytes).toString().slice('sealed '.length)
    },
  }
  return store
}

describe('the workstation', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let folder: string
  let open: Workstation[]
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'veridesk-station-'))
    open = []
  })
  afterEach(async () => {
    for (const station of open) await station.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const start = async (
    changes: {
      readonly secrets?: AsyncSecretStore
      readonly environment?: Record<string, string>
      readonly fetch?: typeof fetch
      readonly sessions?: SessionState[]
    } = {},
  ): Promise<Workstation> => {
    const station = createWorkstation({
      userDataDirectory: folder,
      environment: changes.environment ?? {},
      secrets: changes.secrets ?? keychain(),
      clock: systemClock,
      log: silentLog,
      programVersion: '0.0.0',
      onSessionChanged: (state) => changes.sessions?.push(state),
      onSyncState: () => {},
      onBatchesChanged: () => {},
      ...(changes.fetch === undefined ? {} : { fetch: changes.fetch }),
    })
    open.push(station)
    await station.start()
    return station
  }
  const signIn = (
    station: Workstation,
    who: { readonly email: string } = people.auditor,
    changes: { readonly password?: string; readonly passphrase?: string | null } = {},
  ) => station.signIn({ cloud: cloud.profile, email: who.email, password, passphrase: null, ...changes })
  const changeSomething = (station: Workstation, holdSeconds = 0) => {
    const workspace = station.current()
    if (workspace === null) throw new Error('somebody is signed in')
    const { database, deviceId } = workspace
    return database.write((handle) =>
      enqueueMutation(
        handle,
        { clock: systemClock, deviceId, clockOffsetMilliseconds: null },
        { ...scoreDraft(database, rows.batch(0)), holdSeconds },
      ),
    )
  }
  const unreachable = () => {
    const network = faultyNetwork()
    network.decide = () => ({ kind: 'refuse_connection' })
    return network.fetch
  }

  it('begins signed out, with the clouds that it knows', async () => {
    const demo = { name: 'Demo', url: 'http://127.0.0.1:4000', publishableKey: 'k', people: [] }
    const station = await start({ environment: { VERIDESK_DEMO_CLOUD: JSON.stringify(demo) } })
    expect(station.state()).toMatchObject({
      kind: 'signed_out',
      clouds: [{ name: 'Demo', source: 'demo' }],
      notice: null,
      keychainAvailable: true,
    })
  })

  it('signs in, mirrors, and remembers who was here', async () => {
    const sessions: SessionState[] = []
    const station = await start({ sessions })
    const signedIn = await signIn(station)
    expect(signedIn).toMatchObject({
      ok: true,
      value: {
        kind: 'signed_in',
        person: { email: people.auditor.email, role: 'verifier', subRole: 'accredited_auditor' },
        needsPassword: false,
        protection: 'keychain',
      },
    })
    expect(sessions.at(-1)?.kind).toBe('signed_in')
    await station.current()?.engine.settled()
    const { database } = station.current() ?? {}
    expect(database?.read.all(database.build.selectFrom('batch').select('id')).length).toBeGreaterThanOrEqual(20)
    const remembered = readFileSync(path.join(folder, 'workstation.json'), 'utf8')
    expect(remembered).toContain(people.auditor.email)
    expect(remembered).not.toContain('refresh')
  })

  it('opens the last workspace without the network, and evidence that is here opens too', async () => {
    const first = await start()
    await signIn(first)
    await first.current()?.engine.settled()
    await first.close()
    const station = await start({ fetch: unreachable() })
    expect(station.state()).toMatchObject({
      kind: 'signed_in',
      person: { email: people.auditor.email },
      needsPassword: false,
    })
    const workspace = station.current()
    if (workspace === null) throw new Error('the workspace is open')
    await workspace.engine.settled()
    const file = workspace.database.read.first(
      workspace.database.build.selectFrom('evidence_file').select(['sha256', 'byte_size']).orderBy('byte_size', 'desc'),
    )
    const sha256 = file?.sha256 as Parameters<typeof workspace.files.ensure>[0]
    expect(await workspace.files.ensure(sha256)).toEqual({ ok: true, value: { byteSize: 500_000 } })
    const range = await workspace.files.readRange(sha256, 70_000, 70_010)
    expect(range.ok && range.value.length).toBe(10)
  })

  it('fault 20: says that it needs the password once the cloud has ended the session, and work goes on', async () => {
    const first = await start()
    await signIn(first)
    await first.current()?.engine.settled()
    await first.close()
    const network = faultyNetwork()
    network.decide = (call) =>
      call.endsWith('/token') ? { kind: 'answer', status: 400, body: '{"error_code":"refresh_token_not_found"}' } : null
    const sessions: SessionState[] = []
    const station = await start({ fetch: network.fetch, sessions })
    await station.current()?.engine.settled()
    expect(station.state()).toMatchObject({ kind: 'signed_in', needsPassword: true })
    expect(sessions.at(-1)).toMatchObject({ needsPassword: true })
    changeSomething(station)
    network.decide = () => null
    expect(await station.renew({ password: 'not this one' })).toMatchObject({ error: { code: 'wrong_password' } })
    expect(await station.renew({ password })).toMatchObject({ ok: true, value: { needsPassword: false } })
    await station.current()?.engine.settled()
    expect(station.current()?.engine.state()).toMatchObject({ connection: { kind: 'online' }, counts: { applied: 1 } })
  })

  it.each([
    ['a wrong password', { password: 'wrong' }, people.auditor, 'wrong_password'],
    ['an account that is not approved', {}, people.pending, 'account_pending'],
    ['an account that is suspended', {}, people.suspended, 'account_suspended'],
  ] as const)('refuses %s with a plain reason and opens nothing', async (_, changes, who, code) => {
    const station = await start()
    expect(await signIn(station, who, changes)).toMatchObject({
      ok: false,
      error: { code, message: expect.stringMatching(/\.$/), action: expect.stringMatching(/\.$/) },
    })
    expect(station.state().kind).toBe('signed_out')
    expect(existsSync(path.join(folder, 'workspaces'))).toBe(false)
  })

  it('says that the cloud is down', async () => {
    const station = await start({ fetch: unreachable() })
    expect(await signIn(station)).toMatchObject({ error: { code: 'cloud_unreachable' } })
    expect(await station.testCloud({ cloud: cloud.profile })).toMatchObject({
      ok: true,
      value: { reachable: false, compatible: false, message: expect.stringMatching(/nothing answers/) },
    })
  })

  it('asks for a passphrase where the computer keeps no secrets, and is locked at the next start', async () => {
    const secrets = keychain(false)
    const first = await start({ secrets })
    expect(first.state()).toMatchObject({ keychainAvailable: false })
    expect(await signIn(first)).toMatchObject({ error: { code: 'locked' } })
    expect(await signIn(first, people.auditor, { passphrase: 'a good long passphrase' })).toMatchObject({
      value: { protection: 'passphrase' },
    })
    await first.current()?.engine.settled()
    await first.close()
    const station = await start({ secrets, fetch: unreachable() })
    expect(station.state()).toMatchObject({ kind: 'locked', email: people.auditor.email })
    expect(await station.unlock({ passphrase: 'another one' })).toMatchObject({ error: { code: 'wrong_passphrase' } })
    expect(station.state().kind).toBe('locked')
    expect(await station.unlock({ passphrase: 'a good long passphrase' })).toMatchObject({
      value: { kind: 'signed_in', protection: 'passphrase' },
    })
  })

  it('keeps two people at one computer apart, each in a folder of their own', async () => {
    const station = await start()
    await signIn(station, people.auditor)
    const first = station.current()?.folder.name
    expect(await station.signOut({ keepUnsent: false })).toMatchObject({ value: { kind: 'signed_out' } })
    await signIn(station, people.desk)
    expect(station.current()?.folder.name).not.toBe(first)
    expect(station.current()?.person().email).toBe(people.desk.email)
    expect(readdirSync(path.join(folder, 'workspaces'))).toHaveLength(2)
  })

  it('does not sign out over unsent work unless told that it stays, and finds it again', async () => {
    const station = await start()
    await signIn(station)
    await station.current()?.engine.settled()
    changeSomething(station, 600)
    expect(await station.signOut({ keepUnsent: false })).toMatchObject({ error: { code: 'blocked' } })
    expect(await station.signOut({ keepUnsent: true })).toMatchObject({ value: { kind: 'signed_out' } })
    await station.close()
    const next = await start()
    expect(next.state().kind).toBe('signed_out')
    await signIn(next)
    expect(next.current()?.engine.state().counts.held).toBe(1)
  })

  it('fault 18: saves a damaged database aside with the unsent work, says where, and mirrors anew', async () => {
    const first = await start()
    await signIn(first)
    await first.current()?.engine.settled()
    changeSomething(first, 600)
    const file = first.current()?.folder.database ?? ''
    await first.close()
    const bytes = readFileSync(file)
    for (let at = 40_000; at < 60_000; at += 1) bytes[at] = 7
    writeFileSync(file, bytes)
    const station = await start()
    expect(station.state()).toMatchObject({
      kind: 'signed_out',
      notice: { code: 'database_corrupt', message: expect.stringMatching(/is kept in/) },
    })
    expect(await signIn(station)).toMatchObject({ ok: true })
    await station.current()?.engine.settled()
    expect(station.current()?.engine.state()).toMatchObject({ lastError: null, counts: { held: 1 } })
  })

  it('fault 18: puts data whose key is lost aside, says where, and begins anew', async () => {
    const secrets = keychain()
    const first = await start({ secrets })
    await signIn(first)
    await first.close()
    secrets.lost = true
    const station = await start({ secrets })
    expect(station.state()).toMatchObject({ kind: 'signed_out', notice: { code: 'key_lost' } })
    expect(await signIn(station)).toMatchObject({
      error: { code: 'key_lost', message: expect.stringMatching(/kept in/) },
    })
    secrets.lost = false
    expect(await signIn(station)).toMatchObject({ ok: true })
    expect(readdirSync(path.join(folder, 'workspaces'))).toHaveLength(2)
  })

  it('fault 21: does not open a workspace that another program has open', async () => {
    const first = await start()
    await signIn(first)
    const second = await start()
    expect(second.state()).toMatchObject({ kind: 'signed_out', notice: { code: 'database_locked' } })
  })

  it('offers nothing but the managed cloud on a managed laptop', async () => {
    const station = await start({
      environment: {
        VERIDESK_CLOUD_URL: cloud.profile.url,
        VERIDESK_CLOUD_KEY: cloud.profile.publishableKey,
        VERIDESK_CLOUD_NAME: 'Our cloud',
      },
    })
    expect(station.state()).toMatchObject({ clouds: [{ name: 'Our cloud', source: 'managed' }] })
    const elsewhere = { ...cloud.profile, url: 'http://127.0.0.1:1' }
    expect(
      await station.signIn({ cloud: elsewhere, email: people.auditor.email, password, passphrase: null }),
    ).toMatchObject({ value: { cloud: { url: cloud.profile.url, source: 'managed' } } })
  })
})
