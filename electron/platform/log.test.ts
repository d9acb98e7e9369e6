import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { openFileLog } from './log.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veridesk-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('each line is one JSON object with time, level, event and fields', () => {
  const path = join(folder, 'logs', 'program.log')
  const log = openFileLog({ path, clock: { ...systemClock, now: () => '2026-11-20T21:33:00.000Z' } })
  log.info('database.opened', { milliseconds: 12 })
  log.error('sync.failed', { code: 'offline' })
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toEqual([
    { at: '2026-11-20T21:33:00.000Z', level: 'info', event: 'database.opened', milliseconds: 12 },
    { at: '2026-11-20T21:33:00.000Z', level: 'error', event: 'sync.failed', code: 'offline' },
  ])
})

test('a full file is set aside, and only so many old ones are kept', () => {
  const path = join(folder, 'program.log')
  const log = openFileLog({ path, clock: systemClock, maximumBytes: 300, keptFiles: 2 })
  for (let number = 0; number < 40; number++) log.warn('something.happened', { number })
  expect(readdirSync(folder).sort()).toEqual(['program.log', 'program.log.1', 'program.log.2'])
  expect(readFileSync(path, 'utf8')).toContain('"number":39')
  expect(readFileSync(path, 'utf8').length).toBeLessThanOrEqual(300)
})

test('a log that cannot be written does not stop the program', () => {
  const blocked = join(folder, 'a-file')
  writeFileSync(blocked, '')
  const path = join(blocked, 'program.log')
  expect(() => openFileLog({ path, clock: systemClock }).info('tried')).not.toThrow()
  expect(existsSync(path)).toBe(false)
})
