import { describe, expect, test } from 'vitest'
import { staleAfterMilliseconds, staleData } from './data-age.ts'

const now = Date.parse('2026-11-22T12:00:00.000Z')
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
const online = { kind: 'online', since: ago(600) } as const

describe('fault 22: a feed that stalled silently', () => {
  test('is told by the age of the data when nothing arrived for long though the connection stands', () => {
    expect(staleData({ connection: online, lastPulledAt: ago(180), feedStalledSince: null }, now)).toEqual({
      asOf: ago(180),
      milliseconds: 180 * 60_000,
      reason: 'not_received',
    })
  })

  test('is told when every pull goes through and the cloud itself passes nothing on', () => {
    expect(staleData({ connection: online, lastPulledAt: ago(0), feedStalledSince: ago(45) }, now)).toEqual({
      asOf: ago(45),
      milliseconds: 45 * 60_000,
      reason: 'cloud_stalled',
    })
  })

  test('names the older of both', () => {
    const sync = { connection: online, lastPulledAt: ago(90), feedStalledSince: ago(45) }
    expect(staleData(sync, now)).toMatchObject({ asOf: ago(90), reason: 'not_received' })
  })

  test('is no alarm for a pause that is usual, before the first copy, or where the connection says it already', () => {
    const fresh = new Date(now - staleAfterMilliseconds + 1).toISOString()
    expect(staleData({ connection: online, lastPulledAt: fresh, feedStalledSince: fresh }, now)).toBeNull()
    expect(staleData({ connection: online, lastPulledAt: null, feedStalledSince: null }, now)).toBeNull()
    const away = { kind: 'offline', since: ago(600), reason: 'no_network' } as const
    expect(staleData({ connection: away, lastPulledAt: ago(600), feedStalledSince: null }, now)).toBeNull()
    const off = { kind: 'switched_off', since: ago(600) } as const
    expect(staleData({ connection: off, lastPulledAt: ago(600), feedStalledSince: null }, now)).toBeNull()
  })

  test('is no alarm because a clock was set back', () => {
    expect(staleData({ connection: online, lastPulledAt: ago(-600), feedStalledSince: null }, now)).toBeNull()
  })
})
