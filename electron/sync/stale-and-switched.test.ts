import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PulledChange } from '../cloud/pages.ts'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import { readFact } from './facts.ts'
import { scoreDraft } from './testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  password,
  people,
  rows,
  startCloudFixture,
} from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

const done = { ok: true, value: null }

describe('pages out of order, people who change, and a feed that stands still', {
  timeout: cloudTestMilliseconds,
}, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  const expectTruth = async (device: TestDevice) =>
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, device.person.id))

  it('fault 16: changes that come in another order, twice, and with older versions of themselves lead to the same mirror', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const older = new Map<string, PulledChange>()
    const disorder = <Page extends { readonly changes: readonly PulledChange[] }>(page: Page): Page => {
      const seen = page.changes.flatMap(({ id }) => older.get(id) ?? [])
      for (const change of page.changes) if (change.row !== null) older.set(change.id, change)
      return { ...page, changes: [...page.changes.toReversed(), ...page.changes, ...seen] }
    }
    let disordered = 0
    network.decide = (path) =>
      /sync_(pull|poll)$/.test(path)
        ? {
            kind: 'change_answer',
            change: (text) => {
              const answer = JSON.parse(text)
              if (answer.changes !== undefined) return JSON.stringify(disorder(answer))
              for (const [scope, page] of Object.entries<Parameters<typeof disorder>[0] | null>(answer.pages ?? {})) {
                if (page === null) continue
                answer.pages[scope] = disorder(page)
                disordered += 1
              }
              return JSON.stringify(answer)
            },
          }
        : null
    for (let round = 0; round < 3; round += 1) {
      await cloud.owner.query('update public.batches set risk_score = (risk_score + 1) % 100')
      await cloud.owner.query('select public.assign_batches($1, $2, $3)', [
        [rows.batch(30 + round)],
        people.auditor.id,
        'accredited_auditor',
      ])
      // The cloud signs a new grant in its own time: one more pull, as disordered as this one, may be needed.
      await vi.waitFor(
        async () => {
          expect(await device.sync({ pageRows: 50 })).toEqual(done)
          await expectTruth(device)
        },
        { timeout: 30_000 },
      )
    }
    expect(disordered).toBeGreaterThan(0)
    device.dispose()
  })

  it('fault 16: a page that belongs to another place of the feed is refused before its place is kept', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    await cloud.owner.query('update public.batches set risk_score = (risk_score + 1) % 100')
    let first: string | null = null
    network.decide = (path, body) =>
      path.endsWith('sync_pull') && body.includes('person:')
        ? {
            kind: 'change_answer',
            change: (text) => {
              first ??= text
              return first
            },
          }
        : null
    const cursors = () =>
      device.database().read.all(device.database().build.selectFrom('sync_scope').select(['scope', 'cursor']))
    const before = cursors().find(({ scope }) => scope.startsWith('person:'))
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_incompatible' } })
    expect(cursors()).toContainEqual(before)
    network.decide = () => null
    expect(await device.sync()).toEqual(done)
    await expectTruth(device)
    device.dispose()
  })

  it("fault 20: work is not sent in the name of somebody who signed in between the cloud's greeting and the push", async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    // Both may score it, so that nothing but the person stands between.
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(12)))
    const switching = {
      ...device.cloud,
      async push(...parameters: Parameters<typeof device.cloud.push>) {
        await device.cloud.signIn(people.desk.email, password)
        return device.cloud.push(...parameters)
      },
    }
    expect(await device.sync({ cloud: switching })).toMatchObject({ ok: false, error: { code: 'session_expired' } })
    expect(findOutboxItem(device.database().read, mutationId)?.state).toBe('queued')
    const scores = () =>
      cloud.owner.query('select verifier_id from public.scores where batch_id = $1', [rows.batch(12)])
    expect((await scores()).rows).toEqual([])
    await device.cloud.signIn(people.auditor.email, password)
    expect(await device.sync()).toEqual(done)
    expect((await scores()).rows).toEqual([{ verifier_id: people.auditor.id }])
    device.dispose()
  })

  it('fault 22: while nothing can be fetched the age of the data grows, though sending still works', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const pulledAt = () => readFact(device.database().read, device.database(), 'sync.last_pulled_at')
    const known = pulledAt()
    network.decide = (path) =>
      /sync_(pull|poll)$/.test(path) ? { kind: 'answer', status: 503, body: '{"message":"busy"}' } : null
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(13)))
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    expect(findOutboxItem(device.database().read, mutationId)?.state).toBe('applied')
    expect(pulledAt()).toBe(known)
    network.decide = () => null
    expect(await device.sync()).toEqual(done)
    expect(Date.parse(pulledAt() ?? '')).toBeGreaterThan(Date.parse(known ?? ''))
    device.dispose()
  })
})
