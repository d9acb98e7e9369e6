import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../fixtures/accessibility.ts'
import {
  decideApproved,
  findBatch,
  holdFor,
  messages,
  openChanges,
  openSyncCenter,
  sendAll,
  sendHeldNow,
} from '../fixtures/desk.ts'
import { saveAt, sha256Of } from '../fixtures/files.ts'
import { expect, test } from '../fixtures/journey.ts'
import { openLocalDatabase, readDatabaseKey } from '../fixtures/local-database.ts'
import { decidableBatches, readRecord } from '../fixtures/register.ts'
import { personNamed, signInAs, statusBar } from '../fixtures/sign-in.ts'

const desk = personNamed('Wei Ling Tan')

const comparison = (page: Page) => page.getByRole('region', { name: 'Comparison of a change' })
const field = (page: Page, name: RegExp) => comparison(page).getByRole('row', { name })

/** Presses keys one after the other, as a person does who has seen what each of them did. */
async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

test('three conflicts are settled by keyboard alone: mine is kept, theirs is taken, and one is decided again', async ({
  ownCloud,
  openProgram,
  userData,
}) => {
  // Three conflicts, their fates read back, and axe on four places: more than the usual two minutes where many share a machine.
  test.slow()
  const [kept, taken, anew] = await decidableBatches(ownCloud, desk, 3)
  if (kept === undefined || taken === undefined || anew === undefined) throw new Error('Too few batches to decide.')
  const { app, page } = await openProgram({ environment: ownCloud.environment })
  await signInAs(page, desk)
  await holdFor(page, 600)
  for (const batch of [anew, taken, kept]) {
    await findBatch(page, batch)
    await decideApproved(page)
  }

  // Somebody else is at work in the cloud meanwhile: what the decision was made on stays for two of them, not for the third.
  await ownCloud.stop()
  await sendHeldNow(page)
  await ownCloud.start()
  await ownCloud.query('update public.batches set risk_score = 42 where id = any($1)', [[kept.id, taken.id]])
  await ownCloud.query('update public.batches set tons_or_kwh = tons_or_kwh + 1.25 where id = $1', [anew.id])
  await page.getByRole('button', { name: 'Sync now' }).click()
  await expect(statusBar(page)).toContainText('3 to resolve')

  // From here on nothing is clicked.
  await expect(await openChanges(page, 'Conflict')).toHaveCount(3)
  await press(page, 'j', 'Enter')
  await expect(comparison(page).getByRole('heading', { level: 2 })).toBeFocused()
  await expect(comparison(page)).toContainText('1 of 3')
  await expect(comparison(page)).toContainText(kept.hash)
  await expect(field(page, /^Decision You changed it/)).toContainText('Approved')
  await expect(field(page, /^Risk Changed in the cloud/)).toContainText('42')
  await expect(field(page, /^Location/)).toHaveCount(0)
  await expectAccessible(page, 'comparison of a conflict')

  await press(page, 'm')
  const question = page.getByRole('dialog', { name: 'Send yours over the cloud’s version?' })
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await expectAccessible(page, 'question before an override')
  await press(page, 'Tab', 'Enter')
  await expect(messages(page)).toContainText('Kept yours')

  await expect(comparison(page)).toContainText(taken.hash)
  await press(page, 't')
  await expect(messages(page)).toContainText('Took the cloud’s version')
  await expect(comparison(page)).toContainText(anew.hash)
  // Taking theirs can be undone, and done again.
  await press(page, 'Control+z')
  await expect(messages(page)).toContainText('Undone: Took the cloud’s version')
  await expect(comparison(page)).toContainText('2 of 2')
  await press(page, 'Control+Shift+Z')
  await expect(messages(page)).toContainText('Done again: Took the cloud’s version')
  await expect(comparison(page)).toContainText('1 of 1')

  await expect(comparison(page)).toContainText('The batch, its evidence or its rubric is no longer what you decided on')
  await expect(field(page, /^Quantity Changed in the cloud/)).toBeVisible()
  await expect(comparison(page).getByRole('button', { name: /^Keep mine/ })).toBeDisabled()
  await press(page, 'd')
  await expect(page.getByText('Decide again: before, you approved it')).toBeVisible()
  await expect(page.getByText(/You said: Evidence complete and consistent/)).toBeVisible()
  await expectAccessible(page, 'batch that is decided again')
  await press(page, 'a', 'Enter')
  await expect(messages(page)).toContainText('Approved 1 batch')
  await expect(page.getByText('Decide again: before, you approved it')).toBeHidden()
  await press(page, 'Alt+ArrowLeft')
  await expect(page.getByRole('heading', { name: 'No conflicts' })).toBeVisible()

  await sendHeldNow(page)
  await sendAll(page)
  expect(await readRecord(ownCloud, kept.id, desk)).toMatchObject({
    status: 'approved',
    decisions: [{ action: 'approve', reason_code: 'evidence_complete' }],
    mutations: [{ status: 'conflict' }, { status: 'applied' }],
  })
  expect(await readRecord(ownCloud, taken.id, desk)).toMatchObject({
    status: 'under_review',
    decisions: [],
    mutations: [{ status: 'conflict' }],
  })
  expect(await readRecord(ownCloud, anew.id, desk)).toMatchObject({
    status: 'approved',
    decisions: [{ action: 'approve', reason_code: 'evidence_complete' }],
    mutations: [{ status: 'conflict' }, { status: 'applied' }],
  })

  // All of it stays readable, and can be taken along as proof.
  await expect((await openChanges(page, 'Sent')).filter({ hasText: 'Sent over the cloud’s version' })).toHaveCount(1)
  const back = await openChanges(page, 'Taken back')
  await expect(back).toHaveCount(3)
  await press(page, 'j', 'Enter')
  await expect(comparison(page).getByRole('table')).toBeVisible()
  await expect(comparison(page).getByRole('button', { name: /^Take theirs/ })).toHaveCount(0)
  await press(page, 'Escape')
  await expect(back.first().getByRole('button', { name: /^Approved/ })).toBeFocused()

  const path = join(userData, 'changes.json')
  await saveAt(app, path)
  await press(page, 'Control+e')
  await page.getByRole('menuitem', { name: /^JSON/ }).last().press('Enter')
  await expect(page.getByText('changes.json is written')).toBeVisible()
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly changes: readonly {
      readonly state: string
      readonly body: string
      readonly body_sha256: string
      readonly overrides_cloud: boolean
      readonly base: object
      readonly answer: object
    }[]
  }
  expect(file.changes.map(({ state }) => state)).toEqual([
    'superseded',
    'superseded',
    'superseded',
    'applied',
    'applied',
  ])
  expect(file.changes.filter(({ overrides_cloud }) => overrides_cloud)).toHaveLength(1)
  for (const { body, body_sha256, base, answer } of file.changes) {
    expect(body_sha256).toBe(sha256Of(body))
    expect(base).toMatchObject({ status: 'under_review', version: expect.any(Number) })
    expect(answer).toMatchObject({ status: expect.stringMatching(/^(conflict|applied)$/) })
  }

  const key = await readDatabaseKey(app, userData)
  await app.close()
  const overrides = openLocalDatabase(userData, key, (database) =>
    database
      .prepare("select after ->> 'overrides_conflict' as overrides from audit_event where action = 'change.sent_again'")
      .all(),
  )
  expect(overrides).toEqual([{ overrides: 1 }])
})

test('batches that are taken away with work on them are kept and shown, until all of the work is given up at once', async ({
  ownCloud,
  openProgram,
}) => {
  const batches = await decidableBatches(ownCloud, desk, 2)
  const ids = batches.map(({ id }) => id)
  const { page } = await openProgram({ environment: ownCloud.environment })
  await signInAs(page, desk)
  await holdFor(page, 600)
  for (const batch of batches) {
    await findBatch(page, batch)
    await decideApproved(page)
  }
  await ownCloud.query('update public.assignments set ended_at = now() where batch_id = any($1) and user_id = $2', [
    ids,
    desk.id,
  ])
  await openSyncCenter(page)
  await page.getByRole('button', { name: 'Sync now' }).click()
  const kept = page.getByRole('region', { name: 'Kept though no longer yours' })
  await expect(kept.getByRole('listitem')).toHaveCount(2)
  await expect(kept).toContainText('1 open change')
  await expect(kept).toContainText('Ask your administrator to assign it to you again')
  await expectAccessible(page, 'sync center with batches in quarantine')

  await sendHeldNow(page)
  const refused = await openChanges(page, 'Refused')
  await expect(refused).toHaveCount(2)
  await expect(refused.first()).toContainText('Batch no longer yours')
  await refused.first().getByRole('button', { name: 'Compare' }).click()
  await expect(comparison(page)).toContainText('This batch is no longer yours')
  await press(page, 'Escape')
  await page.getByRole('button', { name: 'Take theirs for all 2 decisions' }).focus()
  await press(page, 'Enter')
  await expect(page.getByRole('dialog', { name: 'Take the cloud’s version for all 2 decisions?' })).toBeVisible()
  await press(page, 'Tab', 'Enter')
  await expect(messages(page)).toContainText('Took the cloud’s version for 2 decisions')
  await expect(page.getByRole('heading', { name: 'Nothing was refused' })).toBeVisible()

  await page.getByRole('button', { name: 'Sync now' }).click()
  await expect(kept).toBeHidden()
  const back = await openChanges(page, 'Taken back')
  await expect(back).toHaveCount(2)
  await back.first().getByRole('button', { name: 'Details' }).click()
  await expect(comparison(page)).toContainText('The batch is not on this computer')
  await expect(field(page, /^Decision You changed it/)).toContainText('Approved')
  expect(await ownCloud.query('select 1 from public.decisions where batch_id = any($1)', [ids])).toEqual([])
})
