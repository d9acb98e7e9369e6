import { readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sha256 } from '../../../shared/domain/ids.ts'
import { systemDisk, type VaultDisk } from './receive-file.ts'
import { segmentBytes, segmentOffset } from './segment.ts'
import { nameOf, someBytes, vaultPlace } from './testing.ts'
import { openVault, type Vault } from './vault.ts'

describe('the vault', () => {
  let place: ReturnType<typeof vaultPlace>
  let altered: Sha256[]
  let vault: Vault
  const bytes = someBytes(segmentBytes * 3 + 100)
  const name = nameOf(bytes)
  const fileOf = (sha256: string, suffix = '') => path.join(place.directory, sha256.slice(0, 2), `${sha256}${suffix}`)

  beforeEach(() => {
    place = vaultPlace()
    altered = []
    vault = openVault({ ...place, onAltered: (sha256) => altered.push(sha256) })
  })
  afterEach(() => place.remove())

  const receiver = async (store = vault, wanted = bytes) => {
    const opened = await store.receive(nameOf(wanted), wanted.length)
    if (!opened.ok) throw new Error(opened.error.message)
    return opened.value
  }

  it('keeps a file and gives it back', async () => {
    expect(await vault.put(bytes)).toEqual({ ok: true, value: name })
    expect(await vault.has(name, bytes.length)).toBe(true)
    expect(await vault.sizeOf(name)).toBe(bytes.length)
    expect(await vault.readAll(name, 1e9)).toEqual({ ok: true, value: bytes })
  })

  it('keeps an empty file', async () => {
    const empty = new Uint8Array(0)
    expect(await vault.put(empty)).toEqual({ ok: true, value: nameOf(empty) })
    expect(await vault.readAll(nameOf(empty), 10)).toEqual({ ok: true, value: empty })
  })

  it('leaves nothing readable on the disk, and nothing for another key', async () => {
    const text = new TextEncoder().encode('weighbridge ticket '.repeat(10_000))
    await vault.put(text)
    expect(readFileSync(fileOf(nameOf(text))).includes('weighbridge')).toBe(false)
    const other = openVault({ directory: place.directory, keyHex: 'ab'.repeat(32) })
    expect(await other.readAll(nameOf(text), 1e9)).toMatchObject({ error: { code: 'file_altered' } })
  })

  it('fault 19: goes on with whole segments after it was interrupted', async () => {
    const first = await receiver()
    await first.write(bytes.subarray(0, segmentBytes * 2 + 500))
    await first.suspend()
    const again = openVault(place)
    const second = await receiver(again)
    expect(second.receivedBytes()).toBe(segmentBytes * 2)
    await second.write(bytes.subarray(segmentBytes * 2))
    expect(await second.finish()).toEqual({ ok: true, value: undefined })
    expect(await again.readAll(name, 1e9)).toEqual({ ok: true, value: bytes })
    expect(readdirSync(path.dirname(fileOf(name)))).toEqual([name])
  })

  it('fault 19: fetches again what a power loss left half written or changed', async () => {
    const first = await receiver()
    await first.write(bytes.subarray(0, segmentBytes * 3))
    await first.suspend()
    const part = fileOf(name, '.part')
    const onDisk = readFileSync(part)
    onDisk[segmentOffset(1) + 40] = (onDisk[segmentOffset(1) + 40] ?? 0) ^ 1
    writeFileSync(part, onDisk)
    const second = await receiver(openVault(place))
    expect(second.receivedBytes()).toBe(segmentBytes)
    await second.write(bytes.subarray(segmentBytes))
    expect((await second.finish()).ok).toBe(true)
  })

  it('fault 19: begins again where the part is not one of this vault', async () => {
    await (await receiver()).suspend()
    writeFileSync(fileOf(name, '.part'), 'not a part at all, though it is long enough to hold a header')
    const second = await receiver(openVault(place))
    expect(second.receivedBytes()).toBe(0)
    await second.write(bytes)
    expect((await second.finish()).ok).toBe(true)
  })

  it('fault 19: never keeps a file that is not the one it was named', async () => {
    const other = bytes.slice()
    other[70_000] = (other[70_000] ?? 0) ^ 1
    const wrong = await receiver()
    await wrong.write(other)
    expect(await wrong.finish()).toMatchObject({ error: { code: 'file_altered' } })
    expect(await vault.has(name, bytes.length)).toBe(false)
    expect(readdirSync(path.dirname(fileOf(name)))).toEqual([])
  })

  it('refuses more bytes than the file has, and says when there are fewer', async () => {
    const more = await receiver()
    expect(await more.write(someBytes(bytes.length + 1))).toMatchObject({ error: { code: 'file_too_large' } })
    await more.discard()
    const fewer = await receiver()
    await fewer.write(bytes.subarray(1))
    expect(await fewer.finish()).toMatchObject({ error: { code: 'file_altered' } })
  })

  it.each([
    ['the header', () => 3],
    ['a nonce', () => segmentOffset(2) + 2],
    ['a ciphertext', () => segmentOffset(2) + 500],
    ['the last tag', () => statSync(fileOf(name)).size - 1],
  ])('notices a changed byte in %s', async (_, position) => {
    await vault.put(bytes)
    const onDisk = readFileSync(fileOf(name))
    const at = position()
    onDisk[at] = (onDisk[at] ?? 0) ^ 1
    writeFileSync(fileOf(name), onDisk)
    expect(await vault.readAll(name, 1e9)).toMatchObject({ error: { code: 'file_altered' } })
    expect(altered).toEqual([name])
  })

  it('notices segments that were exchanged, left out or taken from another file', async () => {
    await vault.put(bytes)
    const good = readFileSync(fileOf(name))
    const swapped = Buffer.concat([
      good.subarray(0, segmentOffset(0)),
      good.subarray(segmentOffset(1), segmentOffset(2)),
      good.subarray(segmentOffset(0), segmentOffset(1)),
      good.subarray(segmentOffset(2)),
    ])
    writeFileSync(fileOf(name), swapped)
    expect(await vault.readAll(name, 1e9)).toMatchObject({ error: { code: 'file_altered' } })
    writeFileSync(fileOf(name), good)
    truncateSync(fileOf(name), segmentOffset(3))
    expect(await vault.readAll(name, 1e9)).toMatchObject({ error: { code: 'file_altered' } })
    const others = someBytes(bytes.length, 7)
    await vault.put(others)
    writeFileSync(fileOf(name), readFileSync(fileOf(nameOf(others))))
    expect(await vault.readAll(name, 1e9)).toMatchObject({ error: { code: 'file_altered' } })
  })

  it('serves a range that is not damaged though another part of the file is', async () => {
    await vault.put(bytes)
    const onDisk = readFileSync(fileOf(name))
    onDisk[segmentOffset(2) + 100] = (onDisk[segmentOffset(2) + 100] ?? 0) ^ 1
    writeFileSync(fileOf(name), onDisk)
    const early = await vault.read(name, { first: 10, last: 20 })
    expect(early.ok && new Uint8Array(await new Response(early.value).arrayBuffer())).toEqual(bytes.subarray(10, 21))
    const across = await vault.read(name, { first: 0, last: bytes.length - 1 })
    await expect(across.ok ? new Response(across.value).arrayBuffer() : null).rejects.toMatchObject({
      failure: { code: 'file_altered' },
    })
  })

  it('says that a file is missing, and refuses bytes that a file does not have', async () => {
    expect(await vault.read(name)).toMatchObject({ error: { code: 'file_missing' } })
    await vault.put(bytes)
    expect(await vault.read(name, { first: 0, last: bytes.length })).toMatchObject({ error: { code: 'invalid_input' } })
    expect(await vault.read('../../etc/passwd' as string as Sha256)).toMatchObject({ error: { code: 'invalid_input' } })
  })

  it('refuses a file above its cap, and to hold more in memory than was asked for', async () => {
    const small = openVault({ ...place, maximumBytes: 1000 })
    expect(await small.receive(name, 1001)).toMatchObject({ error: { code: 'file_too_large' } })
    await vault.put(bytes)
    expect(await vault.readAll(name, 1000)).toMatchObject({ error: { code: 'file_too_large' } })
  })

  it('lets one transfer at a time have a file', async () => {
    const first = await receiver()
    expect(await vault.receive(name, bytes.length)).toMatchObject({ error: { code: 'blocked' } })
    await first.discard()
    expect((await vault.receive(name, bytes.length)).ok).toBe(true)
  })

  it('fault 17: a disk that is full keeps what was written, and the transfer goes on when there is room', async () => {
    let room = 2
    const fullDisk: VaultDisk = {
      ...systemDisk,
      open: async (...parameters) => {
        const handle = await systemDisk.open(...parameters)
        const write = handle.write.bind(handle)
        handle.write = (async (...rest: Parameters<typeof write>) => {
          if (room-- <= 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
          return write(...rest)
        }) as typeof handle.write
        return handle
      },
    }
    const store = openVault({ ...place, disk: fullDisk })
    const first = await receiver(store)
    expect(await first.write(bytes)).toMatchObject({ error: { code: 'disk_full' } })
    await first.suspend()
    room = Number.POSITIVE_INFINITY
    const second = await receiver(store)
    expect(second.receivedBytes()).toBe(segmentBytes)
    await second.write(bytes.subarray(segmentBytes))
    expect((await second.finish()).ok).toBe(true)
    expect(await store.readAll(name, 1e9)).toEqual({ ok: true, value: bytes })
  })

  it('sweeps parts that nobody went on with, and nothing else', async () => {
    await vault.put(someBytes(10))
    await (await receiver()).suspend()
    expect(await vault.sweep(1000)).toBe(0)
    utimesSync(fileOf(name, '.part'), new Date(0), new Date(0))
    expect(await vault.sweep(1000)).toBe(1)
    expect(await vault.has(nameOf(someBytes(10)), 10)).toBe(true)
  })

  it('removes a file', async () => {
    await vault.put(bytes)
    await vault.remove(name)
    expect(await vault.sizeOf(name)).toBeNull()
  })
})
