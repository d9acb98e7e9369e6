import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProfile, sweepProfiles } from './profile.ts'
import { environmentFor, happeningsOf, hostExecutable, makeUserData, program, startProgram } from './testing/launch.ts'

const runToEnd = async (environment: Record<string, string>, ...given: string[]) => {
  const child = spawn(hostExecutable, given, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stderr.on('data', (part) => {
    text += part
  })
  const [code] = await once(child, 'exit')
  return { code, text }
}

const profilesOf = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('veridesk-chromium-'))

test('a second start tells the first and ends; a lock left by a kill is taken over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'host-temporary-'))
  process.env.TMPDIR = folder
  try {
    const userData = makeUserData()
    const first = await startProgram(userData)
    const second = await runToEnd(environmentFor(userData), program, '--file=x')
    expect(second.code).toBe(0)
    expect(await happeningsOf(first.app)).toContainEqual(
      expect.objectContaining({
        event: 'second',
        data: { opened: 'second.pdf' },
        argv: expect.arrayContaining(['--file=x']),
      }),
    )
    const [profile] = profilesOf(folder)
    const ended = once(first.app.process(), 'exit')
    first.app.process().kill('SIGKILL')
    await ended
    expect(profilesOf(folder)).toEqual([profile])

    const third = await startProgram(userData)
    expect(profilesOf(folder)).not.toContain(profile)
    await third.stop()
    expect(profilesOf(folder)).toEqual([])
  } finally {
    delete process.env.TMPDIR
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
})

test('only profiles whose process is gone are swept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'host-sweep-'))
  const own = createProfile(folder)
  const killed = join(folder, 'veridesk-chromium-killed')
  const foreign = join(folder, 'something-else')
  mkdirSync(killed)
  mkdirSync(foreign)
  // The number of this process with another's start: what a reused process number looks like.
  writeFileSync(join(killed, 'owner.json'), JSON.stringify({ pid: process.pid, startTime: '1' }))
  expect(sweepProfiles(folder)).toEqual([killed])
  expect([existsSync(own.path), existsSync(foreign)]).toEqual([true, true])
  own.remove()
  expect(existsSync(own.path)).toBe(false)
  rmSync(folder, { recursive: true })
})

test('without Chromium it says what to install', async () => {
  const userData = makeUserData()
  const { code, text } = await runToEnd(
    { ...environmentFor(userData), VERIDESK_CHROMIUM: '/nowhere/chromium' },
    program,
  )
  rmSync(userData, { recursive: true })
  expect(code).toBe(1)
  expect(text).toContain('VERIDESK_CHROMIUM names /nowhere/chromium')
})

test('a Chromium that ends at once is told, with what it said', async () => {
  const userData = makeUserData()
  const broken = join(userData, 'chromium')
  writeFileSync(broken, '#!/bin/sh\necho "no usable sandbox" >&2\nexit 3\n', { mode: 0o755 })
  const { code, text } = await runToEnd({ ...environmentFor(userData), VERIDESK_CHROMIUM: broken }, program)
  rmSync(userData, { recursive: true })
  expect(code).toBe(1)
  expect(text).toContain('ended before it was ready')
  expect(text).toContain('no usable sandbox')
})
