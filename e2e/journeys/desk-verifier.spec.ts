import {
  decideApproved,
  findBatch,
  holdFor,
  messages,
  openChanges,
  openQueue,
  openSyncCenter,
  rows,
  search,
  sendAll,
  sendHeldNow,
} from '../fixtures/desk.ts'
import { expect, test } from '../fixtures/journey.ts'
import { decidableBatches, pooledBatches, readRecord } from '../fixtures/register.ts'
import { personNamed, queue, signInAs, statusBar } from '../fixtures/sign-in.ts'

const desk = personNamed('Arjun Menon')

test('many are approved with one reason from the keyboard, the risky one is refused, and undo takes it back', async ({
  ownCloud,
  openProgram,
}) => {
  const [risky, second, third] = await decidableBatches(ownCloud, desk, 3)
  if (risky === undefined || second === undefined || third === undefined) throw new Error('Too few batches to decide.')
  // The queue is in the order of risk: these three come first, and one is too risky to be approved among others.
  await ownCloud.query('update public.batches set risk_score = 91 where id = $1', [risky.id])
  await ownCloud.query('update public.batches set risk_score = 69 where id = any($1)', [[second.id, third.id]])
  const { page } = await openProgram({ environment: ownCloud.environment })
  await signInAs(page, desk)
  await holdFor(page, 600)
  const selected = rows(page).and(page.locator('[aria-selected=true]'))

  await page.keyboard.press('2')
  await expect(page.getByRole('button', { name: /^Awaiting my decision/ })).toHaveAttribute('aria-current', 'true')
  await expect(rows(page).first()).toContainText('91')
  await page.keyboard.press('j')
  await expect(rows(page).nth(1)).toBeFocused()
  await page.keyboard.press('k')
  await expect(rows(page).nth(0)).toBeFocused()

  // All that match: asked about once more, with count and filter, and left alone.
  await page.keyboard.press('*')
  const matching = Number(await queue(page).getAttribute('aria-rowcount')) - 1
  await expect(page.getByRole('toolbar', { name: 'Selected batches' })).toContainText(`${String(matching)} batches`)
  expect(matching).toBeGreaterThan(50)
  await page.keyboard.press('a')
  await page.keyboard.press('1')
  const strip = page.getByRole('dialog', { name: /Choose a reason$/ })
  await expect(strip).toContainText(`Approve ${String(matching)} batches at once?`)
  await expect(strip).toContainText('assigned to me, status In review')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(strip).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(selected).toHaveCount(0)

  await page.keyboard.press('x')
  await page.keyboard.press('Shift+J')
  await page.keyboard.press('Shift+J')
  await expect(selected).toHaveCount(3)
  await page.keyboard.press('a')
  await expect(strip).toContainText('1 batch will be refused: from risk 70 on, each is approved alone.')
  await page.keyboard.press('3')
  await expect(messages(page)).toContainText('Approved 2 batches')
  await expect(page.getByText('2 recorded, 1 refused')).toBeVisible()
  await page.getByRole('button', { name: 'Show refused' }).click()
  const refused = page.getByRole('dialog', { name: '1 batch refused' })
  await expect(refused).toContainText(risky.project)
  await page.keyboard.press('Escape')
  await expect(refused).toBeHidden()
  await expect(statusBar(page)).toContainText('2 unsent')

  await page.keyboard.press('Control+z')
  await expect(messages(page)).toContainText('Undone: Approved 2 batches')
  await expect(statusBar(page)).toContainText('All sent')
  await page.keyboard.press('Control+Shift+Z')
  await expect(messages(page)).toContainText('Done again: Approved 2 batches')
  await expect(statusBar(page)).toContainText('2 unsent')
  await sendHeldNow(page)
  await sendAll(page)
  for (const batch of [second, third])
    expect(await readRecord(ownCloud, batch.id, desk)).toMatchObject({
      status: 'approved',
      decisions: [{ action: 'approve', reason_code: 'sample_consistent' }],
      mutations: [{ kind: 'decision.record', status: 'applied' }],
    })
  expect(await readRecord(ownCloud, risky.id, desk)).toMatchObject({ status: 'under_review', mutations: [] })
})

test('a batch is claimed from the pool, changes are requested, others rejected, Enter repeats the reason', async ({
  ownCloud,
  openProgram,
}) => {
  const [changes, rejected, repeated] = await decidableBatches(ownCloud, desk, 3)
  const [pooled] = await pooledBatches(ownCloud, 1)
  if (!changes || !rejected || !repeated || !pooled) throw new Error('Too few batches to decide.')
  const { page } = await openProgram({ environment: ownCloud.environment })
  await signInAs(page, desk)

  await holdFor(page, 0)

  await page.keyboard.press('5')
  await expect(page.getByRole('button', { name: /^Pool/ })).toHaveAttribute('aria-current', 'true')
  await findBatch(page, pooled)
  await page.keyboard.press('c')
  await expect(messages(page)).toContainText('Claimed 1 batch')

  await page.keyboard.press('7')
  await expect(page.getByRole('button', { name: /^All \d/ })).toHaveAttribute('aria-current', 'true')
  await findBatch(page, changes)
  await page.keyboard.press('q')
  await page.keyboard.press('9')
  await page.keyboard.type('The second ticket of May is missing')
  await page.keyboard.press('Control+Enter')
  await expect(messages(page)).toContainText('Requested changes for 1 batch')
  await expect(rows(page)).toContainText('Changes requested')

  await findBatch(page, rejected)
  await page.keyboard.press('r')
  await page.keyboard.press('2')
  await expect(rows(page)).toContainText('Rejected')
  await findBatch(page, repeated)
  await page.keyboard.press('r')
  await expect(page.getByRole('dialog', { name: /^Reject: / })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(rows(page)).toContainText('Rejected')

  await sendAll(page)
  expect(await readRecord(ownCloud, pooled.id, desk)).toMatchObject({
    status: 'under_review',
    mutations: [{ kind: 'batch.claim', status: 'applied' }],
  })
  expect(await readRecord(ownCloud, changes.id, desk)).toMatchObject({
    status: 'changes_requested',
    decisions: [{ action: 'request_changes', reason_code: 'other', reason: 'The second ticket of May is missing' }],
  })
  for (const batch of [rejected, repeated])
    expect(await readRecord(ownCloud, batch.id, desk)).toMatchObject({
      status: 'rejected',
      decisions: [{ action: 'reject', reason_code: 'mass_balance' }],
    })
})

test('a batch that changed in the cloud under a held decision is a conflict, and theirs can be taken', async ({
  ownCloud,
  openProgram,
}) => {
  const [target] = await decidableBatches(ownCloud, desk, 1)
  if (target === undefined) throw new Error('The register has no batch that could be decided on at once.')
  const { page } = await openProgram({ environment: ownCloud.environment })
  await signInAs(page, desk)
  await holdFor(page, 600)
  await findBatch(page, target)
  await decideApproved(page)
  await ownCloud.query('update public.batches set tons_or_kwh = tons_or_kwh + 1.25 where id = $1', [target.id])

  await sendHeldNow(page)
  await expect(statusBar(page)).toContainText('1 to resolve')
  await expect(page.getByRole('button', { name: 'Sync center, needs attention' })).toBeVisible()
  const conflicts = await openChanges(page, 'Conflict')
  await expect(conflicts).toHaveCount(1)
  await expect(conflicts.getByRole('alert')).toBeVisible()
  expect(await readRecord(ownCloud, target.id, desk)).toMatchObject({ status: 'under_review', decisions: [] })

  await openQueue(page)
  await expect(rows(page).getByRole('img', { name: 'Conflict' })).toBeVisible()
  await openSyncCenter(page)
  await conflicts.getByRole('button', { name: 'Compare' }).click()
  await expect(page.getByRole('row', { name: /^Quantity Changed in the cloud/ })).toBeVisible()
  await page.getByRole('button', { name: 'Take theirs' }).click()
  await expect(page.getByRole('heading', { name: 'No conflicts' })).toBeVisible()
  await expect(await openChanges(page, 'Taken back')).toContainText('Given up for the cloud’s version')
  await expect(statusBar(page)).toContainText('All sent')

  await openQueue(page)
  await search(page, target.hash, 1)
  await expect(rows(page)).toContainText('In review')
  await expect(rows(page).getByRole('img', { name: 'Conflict' })).toHaveCount(0)
  await decideApproved(page)
  await sendHeldNow(page)
  await sendAll(page)
  expect(await readRecord(ownCloud, target.id, desk)).toMatchObject({
    status: 'approved',
    decisions: [{ action: 'approve' }],
    mutations: [{ status: 'conflict' }, { status: 'applied' }],
  })
})

test('an empty list that was left takes in what came meanwhile', async ({ ownCloud, openProgram }) => {
  const [pooled] = await pooledBatches(ownCloud, 1)
  if (pooled === undefined) throw new Error('Nothing waits in the pool.')
  const { page } = await openProgram({ environment: ownCloud.environment })
  await signInAs(page, desk)
  const box = page.getByLabel('Search the queue')
  await expect(rows(page).first()).toBeVisible()
  await box.fill(pooled.hash)
  await expect(queue(page)).toBeHidden()

  await openSyncCenter(page)
  await ownCloud.query('select public.assign_batches($1, $2, $3)', [[pooled.id], desk.id, 'desk_verifier'])
  await sendAll(page)
  await openQueue(page)
  await expect(box).toHaveValue(pooled.hash)
  await expect(rows(page)).toHaveCount(1)
})
