import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { scoreDraft } from './testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  password,
  people,
  rows,
  startCloudFixture,
} from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { type FaultyNetwork, faultyNetwork, type NetworkFault } from './testing/faulty-network.ts'

const expired: NetworkFault = { kind: 'answer', status: 401, body: '{"code":"PGRST303","message":"JWT expired"}' }
/** Three pages of a push. */
const changes = 230

describe('a token that ends in the middle of a push', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let network: FaultyNetwork
  let device: TestDevice
  let made: string[]
  beforeAll(async () => {
    cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(async () => {
    network = faultyNetwork()
    device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    expect(await device.sync()).toMatchObject({ ok: true })
    const scored = new Map<string, string>()
    const { rows: known } = await cloud.owner.query<{ id: string; batch_id: string }>(
      'select id, batch_id from public.scores where verifier_id = $1',
      [people.auditor.id],
    )
    for (const { id, batch_id } of known) scored.set(batch_id, id)
    made = Array.from({ length: changes }, (_, number) => {
      const batchId = rows.batch(number % 20)
      const rowId = scored.get(batchId)
      const draft = scoreDraft(device.database(), batchId, { note: `${number}`, ...(rowId ? { rowId } : {}) })
      scored.set(batchId, draft.rowId)
      return device.change({ ...draft, baseVersion: versionOf(draft.rowId) })
    })
    network.calls.length = 0
  })
  afterEach(() => device.dispose())

  const versionOf = (rowId: string): number => {
    const { build, read } = device.database()
    return read.first(build.selectFrom('score').select('version').where('id', '=', rowId))?.version ?? 0
  }
  const states = (): Readonly<Record<string, number>> => {
    const { build, read } = device.database()
    const all = read.all(build.selectFrom('outbox').select('state'))
    return Object.fromEntries(
      [...new Set(all.map(({ state }) => state))].map((state) => [
        state,
        all.filter((one) => one.state === state).length,
      ]),
    )
  }
  /** How often the cloud has each change, by what it did with it. */
  const ledger = async () =>
    (
      await cloud.owner.query<{ status: string; changes: number }>(
        'select status, count(*)::integer as changes from public.sync_mutations where mutation_id = any ($1) group by 1',
        [made],
      )
    ).rows
  const calls = (ending: string) => network.calls.filter((path) => path.endsWith(ending)).length
  /** The cloud refuses the token from the second page on, until it was renewed. */
  const endTokenAfterOnePage = () => {
    network.decide = (path) =>
      path.endsWith('sync_push') && calls('sync_push') > 1 && calls('/token') === 0 ? expired : null
  }

  it('renews it once, and everything is applied once', async () => {
    endTokenAfterOnePage()
    expect(await device.sync()).toMatchObject({ ok: true })
    expect(calls('/token')).toBe(1)
    // Three pages and the one that was refused.
    expect(calls('sync_push')).toBe(4)
    expect(states()).toEqual({ applied: changes })
    expect(await ledger()).toEqual([{ status: 'applied', changes }])
  })

  it('keeps what is not sent and waits for the person where it is refused a new one, and goes on with the password', async () => {
    network.decide = (path) => {
      if (path.endsWith('/token'))
        return { kind: 'answer', status: 400, body: '{"error_code":"refresh_token_not_found"}' }
      return path.endsWith('sync_push') && calls('sync_push') > 1 ? expired : null
    }
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'session_expired' } })
    expect(states()).toEqual({ applied: 100, queued: changes - 100 })
    expect(device.cloud.hasSession()).toBe(false)
    network.decide = () => null
    expect(await device.cloud.signIn(people.auditor.email, password)).toMatchObject({ ok: true })
    expect(await device.sync()).toMatchObject({ ok: true })
    expect(states()).toEqual({ applied: changes })
    expect(await ledger()).toEqual([{ status: 'applied', changes }])
  })

  it.each([
    ['no network', { kind: 'refuse_connection' }],
    ['a sign-in page', { kind: 'answer', status: 200, body: '<html>', contentType: 'text/html' }],
    ['a gateway', { kind: 'answer', status: 401, body: 'Unauthorized', contentType: 'text/plain' }],
    ['a busy cloud', { kind: 'answer', status: 503, body: '{}' }],
  ] as const)('keeps the session where %s is all that the renewal meets, and renews it later', async (_, fault) => {
    network.decide = (path) => {
      if (path.endsWith('/token')) return fault
      return path.endsWith('sync_push') && calls('sync_push') > 1 ? expired : null
    }
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    expect(device.cloud.hasSession()).toBe(true)
    expect(states()).toEqual({ applied: 100, queued: changes - 100 })
    network.calls.length = 0
    endTokenAfterOnePage()
    expect(await device.sync()).toMatchObject({ ok: true })
    expect(states()).toEqual({ applied: changes })
    expect(await ledger()).toEqual([{ status: 'applied', changes }])
  })

  it('is renewed once by many calls that are refused at the same time', async () => {
    let refused = 0
    network.decide = (path) => (path.endsWith('sync_check') && refused++ < 20 ? expired : null)
    const scope = `person:${people.auditor.id}`
    const cursor = '3:3:'
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => device.cloud.check({ scope, cursor, except: [] })),
    )
    expect(answers.filter(({ ok }) => !ok)).toEqual([])
    expect(calls('/token')).toBe(1)
    expect(calls('sync_check')).toBe(40)
  })
})
