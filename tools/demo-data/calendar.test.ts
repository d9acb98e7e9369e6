import { expect, test } from 'vitest'
import { instantAt, localTime } from './calendar.ts'

test('the clock at the site is known for every zone of the projects', () => {
  expect(localTime('2026-08-12T03:14:05.000Z', 'Asia/Jakarta')).toEqual({
    date: '2026-08-12',
    time: '10:14:05',
    offset: '+07:00',
  })
  expect(localTime('2026-07-01T01:30:00.000Z', 'America/Bogota')).toEqual({
    date: '2026-06-30',
    time: '20:30:00',
    offset: '-05:00',
  })
  expect(localTime('2026-07-01T12:00:00.000Z', 'Asia/Kolkata').offset).toBe('+05:30')
})

test('a local time becomes the instant at which the site shows it, in summer and in winter', () => {
  expect(instantAt('2026-07-15', '09:00', 'Europe/Madrid')).toBe('2026-07-15T07:00:00.000Z')
  expect(instantAt('2026-12-15', '09:00', 'Europe/Madrid')).toBe('2026-12-15T08:00:00.000Z')
})
