import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkMessage, signMessage } from './signed-message.ts'

const secret = fc.string({ minLength: 1, unit: 'binary' })
const body = fc.string({ unit: 'binary' })
const seconds = fc.integer({ min: 0, max: 99_999_999_999 })

test('a signature is the HMAC-SHA256 of time and body, and holds for five minutes', async () => {
  await fc.assert(
    fc.asyncProperty(secret, body, seconds, fc.integer({ min: -400, max: 400 }), async (key, text, at, later) => {
      const signature = await signMessage(key, at, text)
      const digest = createHmac('sha256', key).update(`${at}.${text}`).digest('hex')
      expect(signature).toBe(`t=${at},v1=${digest}`)
      expect(await checkMessage(key, signature, text, at + later)).toEqual(
        Math.abs(later) <= 300 ? { ok: true, digest } : { ok: false, why: 'too_old' },
      )
    }),
  )
})

test('another secret, body or time does not pass', async () => {
  await fc.assert(
    fc.asyncProperty(
      secret,
      body,
      secret,
      body,
      seconds,
      seconds,
      async (key, text, otherKey, otherText, at, other) => {
        const signature = await signMessage(key, at, text)
        const changed = key !== otherKey || text !== otherText || at !== other
        fc.pre(changed)
        const moved = signature.replace(`t=${at},`, `t=${other},`)
        const check = await checkMessage(otherKey, moved, otherText, other)
        // HMAC pads a short key with zeros, so that keys that differ by these alone are one key.
        const sameKey = otherKey.replace(/\0+$/, '') === key.replace(/\0+$/, '')
        if (!(sameKey && text === otherText && at === other)) expect(check.ok).toBe(false)
      },
    ),
  )
})
