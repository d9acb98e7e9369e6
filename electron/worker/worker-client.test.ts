import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SessionState } from '../../shared/contract/views.ts'
import { people } from '../database/testing.ts'
import { workspaceFolder } from '../workspace/workspace-folder.ts'
import { readWorkstationFile } from '../workspace/workstation-file.ts'
import { damageDatabase, leaveWorkspace, testSecrets } from './testing.ts'
import { startWorker, type WorkerClient } from './worker-client.ts'

const patience = { timeout: 20_000, interval: 50 }

let folder: string
let client: WorkerClient
let lost: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veridesk-thread-'))
  lost = []
})
afterEach(async () => {
  await client.shutdown()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** The real thread with a main process that owns no window. */
function start(): void {
  client = startWorker(
    join(import.meta.dirname, 'worker.ts'),
    {
      userDataDirectory: folder,
      resourcesDirectory: join(import.meta.dirname, '../../resources'),
      hostileChildPath: join(import.meta.dirname, 'hostile-child.ts'),
      appVersion: '0.0.0',
      host: 'test',
      environment: {},
    },
    {
      secretAvailable: testSecrets.available,
      encryptSecret: ({ text }) => testSecrets.encrypt(text),
      decryptSecret: ({ bytes }) => testSecrets.decrypt(bytes),
      resolveProxy: async () => 'DIRECT',
      chooseSavePath: async () => null,
      applyTheme: async () => null,
      announce: async () => null,
    },
    (reason) => lost.push(reason),
  )
}

test('the thread answers calls, knows no file that nobody opened, and ends when it is asked to', async () => {
  start()
  expect(await client.channel('app.info', {})).toMatchObject({ ok: true, value: { version: '0.0.0', host: 'test' } })
  expect(await client.channel('batch.facets', {})).toMatchObject({ ok: false, error: { code: 'not_signed_in' } })
  expect(await client.describeFile('a'.repeat(32))).toBeNull()
  expect(await client.readFile('a'.repeat(32), 0, 10)).toBeNull()
  // Nobody is signed in, so there is nothing to begin again.
  client.woke()
  await client.shutdown()
  client.woke()
  expect(lost).toEqual([])
})

test('a defect is an answer that says what to do, and the thread goes on', async () => {
  start()
  expect(await client.channel('no.such.channel' as never, {})).toMatchObject({
    ok: false,
    error: { code: 'internal', action: expect.stringContaining('Try again') },
  })
  expect(await client.channel('app.info', {})).toMatchObject({ ok: true })
})

test('a database that is damaged while synchronization runs leaves the thread alive, which says what to do', async () => {
  await leaveWorkspace(folder, people.auditor, { batches: 400 })
  start()
  const state = await client.channel('session.state', {})
  expect(state).toMatchObject({ ok: true, value: { kind: 'signed_in' } satisfies Partial<SessionState> })
  const last = readWorkstationFile(folder).lastWorkspace
  damageDatabase(workspaceFolder(folder, last?.folder ?? '').database)
  const seen = async (): Promise<void> => {
    // What another connection wrote makes the reading one forget the pages that it has.
    await client.channel('draft.set', { key: 'note', body: 'a' })
    await client.channel('sync.now', {})
    expect(readFileSync(join(folder, 'logs', 'worker.log'), 'utf8')).toContain(
      '"sync.failed","code":"database_corrupt"',
    )
  }
  await vi.waitFor(seen, patience)
  expect(await client.channel('app.info', {})).toMatchObject({ ok: true })
  expect(await client.channel('evidence.photoFacts', { evidenceFileId: 'none' })).toMatchObject({
    ok: false,
    error: { code: 'database_corrupt', action: expect.stringContaining('Start the program again') },
  })
  expect(lost).toEqual([])
})
