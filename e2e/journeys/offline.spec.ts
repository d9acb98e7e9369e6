import type { Page } from '@playwright/test'
import {
  decideApproved,
  findBatch,
  holdFor,
  openChanges,
  openQueue,
  openSyncCenter,
  rows,
  search,
  sendAll,
  sendHeldNow,
} from '../fixtures/desk.ts'
import { expect, test } from '../fixtures/journey.ts'
import type { JourneyCloud } from '../fixtures/journey-cloud.ts'
import { killProgram } from '../fixtures/processes.ts'
import { decidableBatches, documentedBatch, type RegisteredBatch, readRecord } from '../fixtures/register.ts'
import { personNamed, queue, signInAs, statusBar } from '../fixtures/sign-in.ts'

const desk = personNamed('Wei Ling Tan')

/** What the cloud holds after one approval that arrived once. */
const approvedOnce = {
  status: 'approved',
  decisions: [{ action: 'approve', reason_code: 'evidence_complete', reason: 'Evidence complete and consistent' }],
  mutations: [{ kind: 'decision.record', status: 'applied' }],
}

async function oneBatch(cloud: JourneyCloud): Promise<RegisteredBatch> {
  const [batch] = await decidableBatches(cloud, desk, 1)
  if (batch === undefined) throw new Error('The register has no batch that could be decided on at once.')
  return batch
}

/** Opens the files of the batch that is open, by title, and waits until each was seen. */
async function lookAtEvidence(page: Page, titles: readonly string[]): Promise<void> {
  for (const title of titles) {
    const file = page.getByRole('list', { name: 'Evidence files' }).getByRole('button', { name: title })
    await file.click()
    await expect(file).toHaveAccessibleName(/(?<!Not )Viewed$/i)
  }
}

test('without the cloud the whole desk works, and what was decided arrives once when it is back', async ({
  ownCloud,
  openProgram,
}) => {
  const target = await oneBatch(ownCloud)
  const documented = documentedBatch(ownCloud, desk)
  const [sameProject] = await ownCloud.query<{ count: number }>(
    `select count(*)::integer as count
     from public.batches b
     join public.projects p on p.id = b.project_id
     join public.assignments a on a.batch_id = b.id and a.user_id = $1 and a.ended_at is null
     where p.name = $2 and b.status in ('pending', 'under_review', 'changes_requested', 'approved')`,
    [desk.id, target.project],
  )
  const files = await ownCloud.query<{ title: string }>(
    `select distinct on (media_type) title from public.evidence_files where batch_id = $1 order by media_type, title`,
    [documented.id],
  )
  expect(files.length).toBeGreaterThanOrEqual(3)
  const online = await openProgram({ environment: ownCloud.environment })
  await signInAs(online.page, desk)
  await openSyncCenter(online.page)
  await expect(online.page.getByText('Every file can be opened without a connection.')).toBeVisible()
  await openQueue(online.page)
  const rowCount = await queue(online.page).getAttribute('aria-rowcount')
  const firstRows = await rows(online.page).allInnerTexts()
  await online.app.close()

  await ownCloud.stop()
  const { page } = await openProgram({ environment: ownCloud.environment })
  await expect(statusBar(page)).toContainText(/Offline|Cloud not reachable/)
  await expect(queue(page)).toHaveAttribute('aria-rowcount', rowCount ?? '')
  expect(await rows(page).allInnerTexts()).toEqual(firstRows)
  await search(page, target.project, sameProject?.count ?? 0)

  await findBatch(page, documented)
  await page.keyboard.press('Enter')
  await lookAtEvidence(
    page,
    files.map(({ title }) => title),
  )
  await page.keyboard.press('Alt+ArrowLeft')

  await holdFor(page, 600)
  await findBatch(page, target)
  await decideApproved(page)
  await expect(rows(page)).toContainText('Approved')
  await expect(statusBar(page)).toContainText('1 unsent')
  await openSyncCenter(page)
  const held = await openChanges(page, 'Held')
  await held.getByRole('button', { name: 'Send now' }).click()
  await expect(await openChanges(page, 'Queued')).toHaveCount(1)

  await ownCloud.start()
  await sendAll(page)
  await expect(await openChanges(page, 'Sent')).toHaveCount(1)
  const record = await readRecord(ownCloud, target.id, desk)
  expect(record).toMatchObject(approvedOnce)
  expect(record.auditRows).toBeGreaterThan(0)

  await page.getByRole('button', { name: 'Sync now' }).click()
  await expect(statusBar(page)).toContainText('Synced')
  expect(await readRecord(ownCloud, target.id, desk)).toEqual(record)
})

test('a session that ended while offline asks for the password, and the work done meanwhile is sent', async ({
  ownCloud,
  openProgram,
}) => {
  const target = await oneBatch(ownCloud)
  const online = await openProgram({ environment: ownCloud.environment })
  await signInAs(online.page, desk)
  await online.app.close()
  await ownCloud.query('delete from auth.sessions where user_id = $1', [desk.id])
  await ownCloud.query('delete from auth.refresh_tokens where user_id::text = $1::text', [desk.id])

  await ownCloud.stop()
  const { page } = await openProgram({ environment: ownCloud.environment })
  await holdFor(page, 600)
  await findBatch(page, target)
  await decideApproved(page)
  await sendHeldNow(page)
  await ownCloud.start()
  await page.getByRole('button', { name: 'Sync now' }).click()
  await expect(page.getByText('Your session has expired', { exact: true })).toBeVisible()
  await expect(statusBar(page)).toContainText('Sign in to send')
  await expect(statusBar(page)).toContainText('1 unsent')

  await page.getByRole('button', { name: 'Enter password' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByLabel('Password').fill('not the password')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('password is not right')
  await dialog.getByLabel('Password').fill(desk.password)
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(statusBar(page)).toContainText('All sent')
  await expect(page.getByText('Your session has expired', { exact: true })).toBeHidden()
  expect(await readRecord(ownCloud, target.id, desk)).toMatchObject(approvedOnce)
})

test('a power cut right after a decision loses nothing and sends nothing twice', async ({ ownCloud, openProgram }) => {
  const target = await oneBatch(ownCloud)
  const first = await openProgram({ environment: ownCloud.environment })
  await signInAs(first.page, desk)
  await holdFor(first.page, 600)
  await findBatch(first.page, target)
  await decideApproved(first.page)
  await killProgram(first.app)
  expect(await readRecord(ownCloud, target.id, desk)).toMatchObject({ status: 'under_review', mutations: [] })

  const { page } = await openProgram({ environment: ownCloud.environment })
  // Where the person was is kept some hundred milliseconds after each step, and a robot is faster than that.
  await openQueue(page)
  await findBatch(page, target)
  await expect(rows(page)).toContainText('Approved')
  await expect(rows(page).getByRole('img', { name: 'Saved here' })).toBeVisible()
  await expect(statusBar(page)).toContainText('1 unsent')
  await sendHeldNow(page)
  await sendAll(page)
  expect(await readRecord(ownCloud, target.id, desk)).toMatchObject(approvedOnce)
})
