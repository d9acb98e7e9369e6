import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { plainSize, sealedSize, segmentBytes } from './segment.ts'
import { nameOf, someBytes, vaultPlace } from './testing.ts'
import { openVault } from './vault.ts'

const place = vaultPlace()
afterAll(() => place.remove())

const lengths = fc.oneof(
  fc.nat({ max: 300_000 }),
  fc.constantFrom(0, 1, segmentBytes - 1, segmentBytes, segmentBytes + 1, segmentBytes * 2, segmentBytes * 3),
)

it('any range of any file is the range of its bytes, however it arrived', { timeout: 120_000 }, async () => {
  const vault = openVault(place)
  await fc.assert(
    fc.asyncProperty(
      lengths.filter((length) => length > 0),
      fc.nat({ max: 1_000_000 }),
      fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 20 }),
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      async (length, seed, cuts, [from, to]) => {
        const bytes = someBytes(length, seed)
        const name = nameOf(bytes)
        await vault.remove(name)
        let receiver = await vault.receive(name, length)
        for (const [index, cut] of cuts.entries()) {
          if (!receiver.ok) throw new Error(receiver.error.message)
          const at = receiver.value.receivedBytes()
          await receiver.value.write(bytes.subarray(at, at + cut))
          await receiver.value.suspend()
          receiver = await vault.receive(name, length)
          if (index === cuts.length - 1) break
        }
        if (!receiver.ok) throw new Error(receiver.error.message)
        await receiver.value.write(bytes.subarray(receiver.value.receivedBytes()))
        expect(await receiver.value.finish()).toEqual({ ok: true, value: undefined })
        const first = Math.floor(Math.min(from, to) * (length - 1))
        const last = Math.floor(Math.max(from, to) * (length - 1))
        const stream = await vault.read(name, { first, last })
        if (!stream.ok) throw new Error(stream.error.message)
        const read = new Uint8Array(await new Response(stream.value).arrayBuffer())
        expect(Buffer.compare(read, bytes.subarray(first, last + 1))).toBe(0)
        expect(await vault.readAll(name, 1e9)).toEqual({ ok: true, value: bytes })
      },
    ),
    { numRuns: 60 },
  )
})

it('the size on disk tells the size of the file', () => {
  fc.assert(
    fc.property(fc.oneof(lengths, fc.nat({ max: 2 ** 40 })), (length) => {
      expect(plainSize(sealedSize(length))).toBe(length)
    }),
  )
})
