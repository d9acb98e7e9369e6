import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { pinBatch } from '../evidence/pin-batch.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { createEvidenceFiles, type EvidenceFiles } from './evidence-files.ts'
import { scoreDraft } from './testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  evidenceBytes,
  people,
  rows,
  startCloudFixture,
} from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

// File n has 1000 + n bytes and is of batch n % 10, which is due on December 1 + n % 10; file 0 alone has 500,000.

const never = new AbortController().signal
const nameOf = (number: number) => sha256Hex(evidenceBytes(number))

describe('the space for files', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let device: TestDevice
  const network = faultyNetwork()
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(async () => {
    network.decide = () => null
    device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    network.calls.length = 0
  })
  afterEach(() => device.dispose())

  /** The files as the program has them after a start: nothing was opened yet. */
  const started = (vault: Partial<Vault> = {}): EvidenceFiles =>
    createEvidenceFiles({
      context: device.context({ vault: { ...device.vault, ...vault } }),
      mayFetch: () => true,
      onArrived: () => {},
    })
  const choose = (files: EvidenceFiles, bytes: number) => files.space.setBudget(bytes)
  const presentNumbers = () => {
    const { build, read } = device.database()
    const names = new Set<string>(
      read.column(build.selectFrom('stored_file').select('sha256').where('state', '=', 'present')),
    )
    return Array.from({ length: 12 }, (_, number) => number).filter((number) => names.has(nameOf(number)))
  }
  const onDisk = (sha256: Sha256) => existsSync(path.join(device.folder, 'vault', sha256.slice(0, 2), sha256))
  const used = (number: number, at: string) =>
    device.database().write((handle) => {
      handle.prepare('update stored_file set last_used_at = ? where sha256 = ?').run(at, nameOf(number))
    })
  const bring = async (...numbers: readonly number[]) => {
    const files = started()
    for (const number of numbers) expect(await files.ensure(nameOf(number))).toMatchObject({ ok: true })
  }

  it('a prefetch stops before the budget, and says how much does not fit', async () => {
    const files = started()
    await choose(files, 3100)
    expect(await files.prefetch(never)).toEqual({ ok: true, value: undefined })
    // 10 and 1 and 11 are due first of those that fit; one that is due later takes nothing from them.
    expect(presentNumbers()).toEqual([1, 10, 11])
    const state = await files.space.state()
    expect(state).toMatchObject({ usedBytes: 3022, budgetBytes: 3100, budgetChosen: true })
    expect(state.problem).toMatchObject({ code: 'blocked', message: expect.stringContaining('9 files do not fit') })
    expect(state.missing[0]).toEqual({ why: 'due', dueOn: '2026-12-01', files: 1, bytes: 500_000 })
    expect(state.missing.reduce((sum, { files: count }) => sum + count, 0)).toBe(9)
  })

  it('asks the cloud for nothing that does not fit', async () => {
    const files = started()
    await choose(files, 3100)
    await files.prefetch(never)
    expect(network.calls.filter((call) => call.includes('/object/'))).toHaveLength(3)
  })

  it('what is due sooner takes the place of what is due later', async () => {
    await bring(9, 8)
    const files = started()
    await choose(files, 2100)
    await files.prefetch(never)
    expect(presentNumbers()).toEqual([1, 10])
    expect(onDisk(nameOf(9))).toBe(false)
    // And it rests there: the next prefetch moves nothing.
    network.calls.length = 0
    await started().prefetch(never)
    expect(network.calls.filter((call) => call.includes('/object/'))).toEqual([])
  })

  it('what somebody asks for takes the place of what was used longest ago', async () => {
    await bring(1, 2, 3)
    used(1, '2026-11-03T00:00:00.000Z')
    used(2, '2026-11-01T00:00:00.000Z')
    used(3, '2026-11-02T00:00:00.000Z')
    const files = started()
    await choose(files, 3100)
    expect(await files.ensure(nameOf(9))).toMatchObject({ ok: true })
    expect(presentNumbers()).toEqual([1, 3, 9])
    expect(await device.vault.readAll(nameOf(9), 1e9)).toEqual({ ok: true, value: evidenceBytes(9) })
  })

  it('opening a file counts as its use', async () => {
    await bring(1, 2)
    used(1, '2026-11-01T00:00:00.000Z')
    used(2, '2026-11-02T00:00:00.000Z')
    started().space.touch(nameOf(1))
    const files = started()
    await choose(files, 2100)
    await files.ensure(nameOf(9))
    expect(presentNumbers()).toEqual([1, 9])
  })

  it('nothing leaves that is unsent, pinned, of a batch with a change under way, or open', async () => {
    await bring(1, 2, 3, 4, 5)
    const { build } = device.database()
    device.database().write((handle) => {
      handle.run(
        build.insertInto('upload').values({
          mutation_id: 'made here',
          sha256: nameOf(1),
          bucket: 'certificates',
          object_path: 'a.pdf',
          media_type: 'application/pdf',
          byte_size: 1001,
          state: 'refused',
          next_attempt_at: null,
          last_error: null,
          done_at: null,
        }),
      )
    })
    pinBatch(device.context(), { batchId: rows.batch(2), pinned: true })
    device.change(scoreDraft(device.database(), rows.batch(3)))
    const files = started()
    files.space.touch(nameOf(4))
    const { keptBytes } = await files.space.state()
    expect(keptBytes).toBe(1001 + 1002 + 1003)
    expect(await choose(files, keptBytes - 1)).toMatchObject({ error: { code: 'invalid_input' } })
    expect(presentNumbers()).toEqual([1, 2, 3, 4, 5])
    expect(await choose(files, keptBytes)).toMatchObject({ ok: true })
    expect(presentNumbers()).toEqual([1, 2, 3, 4])
    expect([1, 2, 3, 4].every((number) => onDisk(nameOf(number)))).toBe(true)
    // Once the pin is gone and nothing is open any more, both may leave.
    pinBatch(device.context(), { batchId: rows.batch(2), pinned: false })
    await choose(started(), 1001 + 1003)
    expect(presentNumbers()).toEqual([1, 3])
  })

  it('pinned batches come first, and hold their place against what is due sooner', async () => {
    pinBatch(device.context(), { batchId: rows.batch(9), pinned: true })
    const files = started()
    await choose(files, 1100)
    await files.prefetch(never)
    expect(presentNumbers()).toEqual([9])
    expect(await files.space.state()).toMatchObject({ pinnedBatches: 1, keptBytes: 1009 })
  })

  it('a program killed between the row and the file leaves no row without its file, and the file is swept', async () => {
    await bring(1, 2)
    const seen: string[] = []
    const killed = started({
      remove: async (sha256) => {
        const { build, read } = device.database()
        seen.push(...read.column<string>(build.selectFrom('stored_file').select('state').where('sha256', '=', sha256)))
        // The kill: the file stays.
      },
    })
    await choose(killed, 1100)
    expect(seen).toEqual(['absent'])
    device.restart()
    const left = presentNumbers().includes(1) ? 2 : 1
    expect(onDisk(nameOf(left))).toBe(true)
    const files = started()
    await choose(files, 1000)
    await files.prefetch(never)
    expect(onDisk(nameOf(left))).toBe(false)
    expect(presentNumbers()).toEqual([])
  })

  it('a file that was to leave and is asked for at the same moment is here afterwards', async () => {
    await bring(1, 2)
    used(1, '2026-11-01T00:00:00.000Z')
    let go = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const files = started({
      remove: async (sha256) => {
        await gate
        await device.vault.remove(sha256)
      },
    })
    const chosen = choose(files, 1100)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const asked = files.ensure(nameOf(1))
    go()
    await chosen
    expect(await asked).toMatchObject({ ok: true })
    expect(presentNumbers()).toContain(1)
    expect(onDisk(nameOf(1))).toBe(true)
  })

  it('a file that leaves while somebody looks for it is fetched again', async () => {
    await bring(1, 2)
    let looked = false
    const files = started({
      has: async (sha256, byteSize) => {
        const here = await device.vault.has(sha256, byteSize)
        if (!looked) {
          looked = true
          await choose(files, 0)
        }
        return here
      },
    })
    expect(await files.ensure(nameOf(1))).toMatchObject({ ok: true })
    expect(presentNumbers()).toEqual([1])
    expect(onDisk(nameOf(1))).toBe(true)
  })

  it('fault 17: a prefetch stops before the disk is full, and goes on when there is room', async () => {
    let freeBytes = 6_000
    // Of this disk a twentieth, 5,000 bytes, stays free.
    const files = started({ diskSpace: async () => ({ freeBytes, totalBytes: 100_000 }) })
    await choose(files, 1_000_000)
    expect(await files.prefetch(never)).toMatchObject({ error: { code: 'disk_full' } })
    expect(presentNumbers()).toEqual([])
    expect((await files.space.state()).problem).toBeNull()
    freeBytes = 4_999
    expect((await files.space.state()).problem).toMatchObject({ code: 'disk_full' })
    // The database takes changes all the while.
    expect(pinBatch(device.context(), { batchId: rows.batch(1), pinned: true })).toMatchObject({ ok: true })
    freeBytes = 10_000_000
    expect(await files.prefetch(never)).toMatchObject({ ok: true })
    expect(presentNumbers()).toHaveLength(12)
  })

  it('fault 17: a disk that fills up under a transfer stops the others and keeps what arrived', async () => {
    let full = true
    const files = started({
      receive: async (sha256, byteSize) => {
        const receiver = await device.vault.receive(sha256, byteSize)
        if (!receiver.ok) return receiver
        const { write } = receiver.value
        return {
          ok: true,
          value: {
            ...receiver.value,
            write: async (chunk) =>
              full
                ? { ok: false, error: { code: 'disk_full', message: 'The disk of this computer is full.' } }
                : write(chunk),
          },
        }
      },
    })
    expect(await files.prefetch(never)).toMatchObject({ error: { code: 'disk_full' } })
    expect(network.calls.filter((call) => call.includes('/object/')).length).toBeLessThanOrEqual(2)
    full = false
    expect(await files.prefetch(never)).toMatchObject({ ok: true })
    expect(presentNumbers()).toHaveLength(12)
  })
})
