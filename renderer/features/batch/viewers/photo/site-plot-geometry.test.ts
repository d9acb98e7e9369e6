import { describe, expect, it } from 'vitest'
import { claimedTime, formatDistance, formatPosition, roundRing, sitePlot } from './site-plot-geometry.ts'

const site = { latitude: -6.2088, longitude: 106.8456 }

describe('sitePlot', () => {
  it('puts a point north of the site above it, and agrees with the great circle', () => {
    const plot = sitePlot(site, { ...site, latitude: site.latitude + 0.01 })
    expect(plot.east).toBeCloseTo(0)
    expect(plot.north).toBeCloseTo(plot.distance)
    expect(plot.ringMeters).toBe(2000)
  })

  it('takes the short way around the date line', () => {
    const plot = sitePlot({ latitude: 0, longitude: 179.99 }, { latitude: 0, longitude: -179.99 })
    expect(plot.east).toBeGreaterThan(0)
    expect(plot.distance).toBeLessThan(2300)
  })

  it('shows a photo at the site in the middle', () => {
    expect(sitePlot(site, site)).toMatchObject({ east: 0, north: 0, distance: 0, ringMeters: 100 })
  })
})

describe('words about places', () => {
  it('rings are round figures', () => {
    expect([50, 101, 450, 900, 47_000].map(roundRing)).toEqual([100, 200, 500, 1000, 50_000])
  })

  it('distances and positions are read at a glance', () => {
    expect(formatDistance(85.4)).toBe('85 m')
    expect(formatDistance(1234)).toBe('1.2 km')
    expect(formatDistance(12_345_000)).toBe('12,345 km')
    expect(formatPosition(site)).toBe('6.20880° S, 106.84560° E')
  })

  it('a time without an offset is no instant', () => {
    expect(claimedTime('2026-03-04T10:20:30+07:00')).toEqual({ kind: 'instant', instant: '2026-03-04T10:20:30+07:00' })
    expect(claimedTime('2026-03-04T10:20:30')).toEqual({ kind: 'clock', text: '2026-03-04 10:20:30' })
  })
})
