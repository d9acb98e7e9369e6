import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectAccessible } from '../fixtures/accessibility.ts'
import { decideApproved, findBatch, holdFor, openChanges, openSyncCenter, sendAll } from '../fixtures/desk.ts'
import { saveAt } from '../fixtures/files.ts'
import { expect, test } from '../fixtures/journey.ts'
import { decidableBatches, readRecord } from '../fixtures/register.ts'
import { personNamed, signInAs, statusBar } from '../fixtures/sign-in.ts'

const desk = personNamed('Wei Ling Tan')
const officer = personNamed('Ruth Abernathy')

/** What the cloud holds after one approval that arrived once. */
const approvedOnce = {
  status: 'approved',
  decisions: [{ action: 'approve', reason_code: 'evidence_complete', reason: 'Evidence complete and consistent' }],
  mutations: [{ kind: 'decision.record', status: 'applied' }],
}

test('a laptop without a network hands its decisions over as a file; the compliance desk submits it, and each counts once', async ({
  ownCloud,
  openProgram,
  userData,
}) => {
  // Two workstations, and axe on three dialogs.
  test.slow()
  const batches = await decidableBatches(ownCloud, desk, 2)
  expect(batches).toHaveLength(2)
  const laptop = await openProgram({ environment: ownCloud.environment })
  await signInAs(laptop.page, desk)
  await laptop.app.close()

  await ownCloud.stop()
  const { app, page } = await openProgram({ environment: ownCloud.environment })
  await expect(statusBar(page)).toContainText(/Offline|Cloud not reachable/)
  await holdFor(page, 600)
  for (const batch of batches) {
    await findBatch(page, batch)
    await decideApproved(page)
  }
  await openSyncCenter(page)
  const path = join(userData, 'handover.veridesk-outbox')
  await saveAt(app, path)
  await page.getByRole('button', { name: 'Hand over unsent changes…' }).click()
  const question = page.getByRole('dialog', { name: 'Hand over unsent changes' })
  await expect(question).toContainText('2 changes can go into a file')
  await expect(question).toContainText('2 decisions can still be undone')
  await expectAccessible(page, 'handing over')
  await question.getByRole('button', { name: 'Write file…' }).click()
  const written = page.getByRole('dialog', { name: 'The file is written' })
  await expect(written).toContainText('2 changes')
  const fingerprint = ((await written.textContent()) ?? '').match(/[0-9a-f]{64}/)?.[0] ?? 'none'
  await page.keyboard.press('Escape')
  await expect(await openChanges(page, 'Held'), 'what is in a file can be undone no more').toHaveCount(0)

  await ownCloud.start()
  const office = await openProgram({
    environment: { ...ownCloud.environment, VERIDESK_USER_DATA: join(userData, 'office') },
  })
  await signInAs(office.page, officer)
  await openSyncCenter(office.page)
  const chooser = office.page.getByLabel('Outbox file to submit')
  const altered = Buffer.from(readFileSync(path))
  altered.writeUInt8(altered.readUInt8(altered.length - 200) ^ 1, altered.length - 200)
  await chooser.setInputFiles({
    name: 'altered.veridesk-outbox',
    mimeType: 'application/octet-stream',
    buffer: altered,
  })
  const refused = office.page.getByRole('dialog', { name: 'altered.veridesk-outbox' })
  await expect(refused.getByRole('alert')).toBeVisible()
  await expect(refused.getByRole('button', { name: /^Submit/ })).toHaveCount(0)
  await office.page.keyboard.press('Escape')

  await chooser.setInputFiles(path)
  const opened = office.page.getByRole('dialog', { name: 'handover.veridesk-outbox' })
  await expect(opened).toContainText(desk.name)
  await expect(opened).toContainText('2 changes: 2 approvals')
  await expect(opened).toContainText(fingerprint)
  await expectAccessible(office.page, 'a file that was handed over')
  await opened.getByRole('button', { name: 'Submit 2 changes' }).click()
  const fate = office.page.getByRole('dialog', { name: 'What the cloud made of it' })
  await expect(fate).toContainText('The cloud has every change')
  await expect(fate).toContainText(`as the work of ${desk.name}`)
  await expectAccessible(office.page, 'the fate of what was handed over')
  await office.app.close()
  for (const { id } of batches) expect(await readRecord(ownCloud, id, desk)).toMatchObject(approvedOnce)

  // The laptop finds a network after all.
  await sendAll(page)
  await expect(await openChanges(page, 'Sent')).toHaveCount(2)
  for (const { id } of batches) expect(await readRecord(ownCloud, id, desk)).toMatchObject(approvedOnce)
})

test('the sync log tells what failed and what went through, and is saved without a name in it', async ({
  ownCloud,
  openProgram,
  userData,
}) => {
  const { app, page } = await openProgram({ environment: ownCloud.environment })
  await signInAs(page, desk)
  await openSyncCenter(page)
  await ownCloud.stop()
  await page.getByRole('button', { name: 'Sync now' }).click()
  await expect(statusBar(page)).toContainText(/Offline|Cloud not reachable/)
  await ownCloud.start()
  await sendAll(page)

  await page.getByRole('radio', { name: 'Log' }).click()
  const log = page.getByRole('grid', { name: 'Sync log' })
  await expect(log).toContainText('Evidence files')
  await page.getByRole('checkbox', { name: 'Failed only' }).check()
  await expect(log.getByRole('row').nth(1)).toBeVisible()
  const detail = page.getByRole('region', { name: 'Exchanges of the chosen run' })
  await expect(detail).toContainText('cloud_unreachable')
  await expectAccessible(page, 'the sync log')

  const path = join(userData, 'sync-log.jsonl')
  await saveAt(app, path)
  await page.keyboard.press('Control+e')
  await expect(page.getByText(/It names no person, batch or file/)).toBeVisible()
  const saved = readFileSync(path, 'utf8')
  const lines = saved.trimEnd().split('\n')
  expect(lines.filter((line) => line.includes('"cloud_unreachable"')).length).toBeGreaterThan(0)
  for (const line of lines) expect(JSON.parse(line)).toEqual(expect.any(Object))
  for (const personal of [desk.name, desk.email, desk.id]) expect(saved).not.toContain(personal)
})
