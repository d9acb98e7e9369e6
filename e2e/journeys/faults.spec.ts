import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { electronExecutable } from '../../tools/tasks/electron-executable.ts'
import {
  decideApproved,
  findBatch,
  holdFor,
  messages,
  openSyncCenter,
  rows,
  sendAll,
  sendHeldNow,
} from '../fixtures/desk.ts'
import { expect, test } from '../fixtures/journey.ts'
import { workspaceDirectory } from '../fixtures/local-database.ts'
import { decidableBatches, documentedBatch, readRecord } from '../fixtures/register.ts'
import { startShiftedCloud } from '../fixtures/shifted-cloud.ts'
import { enterAccount, mirrored, personNamed, signInAs, statusBar } from '../fixtures/sign-in.ts'

const desk = personNamed('Nadia Benali')
const auditor = personNamed('Bayu Prasetyo')
const day = 24 * 60 * 60 * 1000

/** Writes noise over the last quarter of a database, where rows of the mirror lie. */
function damage(path: string): void {
  const { size } = statSync(path)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(Math.floor(size / 4), 0xa5), 0, null, Math.floor((size * 3) / 4))
  closeSync(file)
}

/** Fills a file system to its last block; answers with the file that holds the room. */
function fill(directory: string): string {
  const path = join(directory, 'filler')
  const file = openSync(path, 'w')
  for (const size of [1024 * 1024, 4096, 1]) {
    const block = Buffer.alloc(size)
    try {
      for (;;) writeSync(file, block)
    } catch {
      // No room for a block of this size any more.
    }
  }
  closeSync(file)
  return path
}

test('fault 18: a damaged local database is told, and what was not sent is saved and sent after all', async ({
  ownCloud,
  openProgram,
  userData,
}) => {
  const [target] = await decidableBatches(ownCloud, desk, 1)
  if (target === undefined) throw new Error('The register has no batch that could be decided on at once.')
  const first = await openProgram({ environment: ownCloud.environment })
  await signInAs(first.page, desk)
  await holdFor(first.page, 600)
  await findBatch(first.page, target)
  await decideApproved(first.page)
  await first.app.close()
  damage(join(workspaceDirectory(userData), 'workspace.db'))

  const { page } = await openProgram({ environment: ownCloud.environment })
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expect(page.getByText('The local database was damaged.')).toBeVisible()
  await expect(page.getByText(/1 change not yet sent could be saved\. The damaged file is kept in/)).toBeVisible()
  const aside = join(workspaceDirectory(userData), 'saved-aside')
  const [folder] = readdirSync(aside)
  expect(existsSync(join(aside, folder ?? '', 'workspace.db'))).toBe(true)

  await signInAs(page, desk)
  await findBatch(page, target)
  await expect(rows(page)).toContainText('Approved')
  await sendHeldNow(page)
  await sendAll(page)
  expect(await readRecord(ownCloud, target.id, desk)).toMatchObject({
    status: 'approved',
    decisions: [{ action: 'approve' }],
    mutations: [{ status: 'applied' }],
  })
})

test('fault 17: a full disk is told, loses nothing, and work goes on once there is room', async ({
  ownCloud,
  openProgram,
  userData,
}) => {
  const directory = join(userData, 'workspaces')
  mkdirSync(directory)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', directory], { stdio: 'pipe' })
  } catch {
    test.skip(true, 'Only root may mount a small disk; a full disk is also met by the tests of the local database.')
  }
  try {
    const [kept, lost] = await decidableBatches(ownCloud, desk, 2)
    if (kept === undefined || lost === undefined) throw new Error('Too few batches to decide.')
    const first = await openProgram({ environment: ownCloud.environment })
    await signInAs(first.page, desk)
    await holdFor(first.page, 600)
    await findBatch(first.page, kept)
    await decideApproved(first.page)
    await first.app.close()

    const { app, page } = await openProgram({ environment: ownCloud.environment })
    await mirrored(page)
    const filler = fill(directory)
    await findBatch(page, lost)
    await page.keyboard.press('r')
    await page.keyboard.press('1')
    await expect(messages(page)).toContainText('The disk is full.')
    await expect(messages(page)).toContainText('Free some space on the disk, then do it again.')
    await expect(rows(page)).toContainText('In review')
    rmSync(filler)

    await page.keyboard.press('r')
    await page.keyboard.press('1')
    await expect(messages(page)).toContainText('Rejected 1 batch')
    await sendHeldNow(page)
    await sendAll(page)
    expect(await readRecord(ownCloud, lost.id, desk)).toMatchObject({ status: 'rejected', mutations: [{}] })
    expect(await readRecord(ownCloud, kept.id, desk)).toMatchObject({ status: 'approved', mutations: [{}] })
    await app.close()
  } finally {
    execFileSync('umount', ['--lazy', directory])
  }
})

test('fault 21: a second start leaves the work to the first', async ({ openProgram, userData }) => {
  const { app, page } = await openProgram()
  const root = resolve(import.meta.dirname, '../..')
  const second = spawn(electronExecutable(), [root], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, VERIDESK_USER_DATA: userData, VERIDESK_HEADLESS: '1' },
  })
  const [code] = await once(second, 'exit')
  expect(code).toBe(0)
  expect(app.windows()).toHaveLength(1)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

test('fault 15: a clock that is a year off is told, and no certificate is signed with it', async ({
  demoCloud,
  openProgram,
}) => {
  const shifted = await startShiftedCloud(demoCloud.url, 365 * day)
  const { page } = await openProgram({
    environment: {
      VERIDESK_CLOUD_URL: shifted.url,
      VERIDESK_CLOUD_KEY: demoCloud.publishableKey,
      VERIDESK_ALLOW_PLAIN_KEYCHAIN: '1',
    },
  })
  await enterAccount(page, auditor.email, auditor.password)
  await mirrored(page)
  await openSyncCenter(page)
  await expect(page.getByText('This computer’s clock is 365 d behind the cloud’s.')).toBeVisible()
  await expect(page.getByText('Set the clock in the operating system before you sign')).toBeVisible()
  await expect(statusBar(page)).toContainText('Online')

  const { id: batchId } = documentedBatch(demoCloud, auditor)
  const refused = await page.evaluate(
    (id) =>
      window.veridesk?.invoke('certificate.sign', {
        batchId: id,
        statement: {
          opinion: 'unmodified',
          assuranceLevel: 'reasonable',
          addressee: 'The registry',
          procedures: 'Read every file',
          basis: '',
          acknowledgedGates: [],
        },
        contentHash: '0'.repeat(64),
        passphrase: 'veridesk-demo',
      }),
    batchId,
  )
  expect(refused).toMatchObject({
    ok: false,
    error: {
      code: 'clock_wrong',
      message: "This computer's clock is 365 days behind the cloud's.",
      action: 'Set the computer to the right date and time, then sign again.',
    },
  })
  await shifted.stop()
})
