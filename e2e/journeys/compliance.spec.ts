import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { signDemoCertificate } from '../../tools/demo-authority/sign-demo-certificate.ts'
import { dropPdf, saveAt, sha256Of, textOfPdf } from '../fixtures/files.ts'
import { expect, test } from '../fixtures/journey.ts'
import { openLocalDatabase, readDatabaseKey } from '../fixtures/local-database.ts'
import { personNamed, signInAs } from '../fixtures/sign-in.ts'

const officer = personNamed('Ruth Abernathy')
const auditor = personNamed('Ingrid Solheim')
const period = { from: '2026-07-01', to: '2026-12-31' }

const screen = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name })

/** Exports the register on the screen and waits until it is written. */
async function exportRegister(page: Page, kind: RegExp, fileName: string): Promise<Locator> {
  await page.keyboard.press('Control+e')
  await page.getByRole('menuitem', { name: kind }).click()
  const written = page.getByRole('status').filter({ hasText: `${fileName} is written` })
  await expect(written).toBeVisible()
  return written
}

test('the decisions of a period are written as CSV and PDF that prove themselves', async ({
  demoCloud,
  openProgram,
  userData,
}) => {
  const [register] = await demoCloud.query<{ count: number; hashes: readonly string[] }>(
    `select count(*)::integer as count, array_agg(b.batch_hash) as hashes
     from public.decisions d join public.batches b on b.id = d.batch_id
     where d.decided_at >= $1::date and d.decided_at < $2::date + 1`,
    [period.from, period.to],
  )
  const count = register?.count ?? 0
  expect(count).toBeGreaterThan(20)
  const { app, page } = await openProgram({ environment: { ...demoCloud.environment, TZ: 'UTC' } })
  await signInAs(page, officer)
  await screen(page, 'Reports').click()
  await page.getByLabel('First day (UTC)').fill(period.from)
  await page.getByLabel('Last day (UTC)').fill(period.to)
  const rows = page.getByRole('grid', { name: 'Decisions register' })
  await expect(rows).toHaveAttribute('aria-rowcount', String(count + 1))
  await expect(page.getByRole('heading', { name: 'Decisions register' }).locator('..')).toContainText(String(count))

  const csvPath = join(userData, 'register.csv')
  await saveAt(app, csvPath)
  const csvNotice = await exportRegister(page, /^CSV/, 'register.csv')
  const csv = readFileSync(csvPath, 'utf8')
  await expect(csvNotice).toContainText(sha256Of(csv))
  await expect(csvNotice).toContainText(String(count))
  const lines = csv.split('\r\n').filter((line) => line !== '')
  const facts = lines.filter((line) => /^"?#/.test(line)).map((line) => line.replaceAll('"', ''))
  const data = lines.filter((line) => !/^"?#/.test(line))
  expect(data).toHaveLength(count + 1)
  for (const hash of register?.hashes ?? []) expect(csv).toContain(hash)
  expect(facts).toContain(`# Filter: decisions from ${period.from} to ${period.to} (UTC, both days included)`)
  expect(facts).toContain(`# Rows: ${String(count)}`)
  expect(facts.some((line) => /^# Generated: \d{4}-\d\d-\d\dT.*Z by Ruth Abernathy$/.test(line))).toBe(true)
  const dataHash = sha256Of(data.map((line) => `${line}\r\n`).join(''))
  expect(facts).toContain(`# SHA-256 of the rows: ${dataHash}`)

  const pdfPath = join(userData, 'register.pdf')
  await saveAt(app, pdfPath)
  const pdfNotice = await exportRegister(page, /^PDF/, 'register.pdf')
  const pdf = readFileSync(pdfPath)
  await expect(pdfNotice).toContainText(sha256Of(pdf))
  const text = await textOfPdf(pdf)
  expect(text).toContain(`decisions from ${period.from} to ${period.to} (UTC, both days included)`)
  expect(text).toContain(`Rows: ${String(count)}`)
  expect(text.replaceAll(' ', '')).toContain(dataHash)
})

test('a certificate dropped on the window is verified, and one with a changed byte is refused', async ({
  demoCloud,
  openProgram,
}) => {
  const certificate = await signDemoCertificate(demoCloud.authority, auditor.email)
  const { page } = await openProgram({ environment: demoCloud.environment })
  await signInAs(page, officer)
  await dropPdf(page, 'certificate.pdf', certificate)
  const genuine = page.getByRole('dialog', { name: 'certificate.pdf' })
  await expect(genuine.getByRole('heading', { name: 'Valid', exact: true })).toBeVisible()
  await expect(genuine).toContainText(auditor.name)
  await expect(genuine).toContainText('The whole file')
  await expect(genuine).toContainText(sha256Of(certificate))
  await page.keyboard.press('Escape')
  await expect(genuine).toBeHidden()

  const changed = Uint8Array.from(certificate)
  const middle = Math.floor(changed.length / 2)
  changed[middle] = (changed[middle] ?? 0) ^ 1
  await dropPdf(page, 'changed.pdf', changed)
  const altered = page.getByRole('dialog', { name: 'changed.pdf' })
  await expect(altered.getByRole('alert')).toBeVisible()
  await expect(altered.getByRole('heading', { name: /^(Not valid|Changed after signing)$/ }).first()).toBeVisible()
  await expect(altered.getByRole('heading', { name: 'Valid', exact: true })).toHaveCount(0)
})

test('the audit log lists every act, its chain holds, and a changed row is found', async ({
  demoCloud,
  openProgram,
  userData,
}) => {
  const first = await openProgram({ environment: demoCloud.environment })
  await signInAs(first.page, officer)
  // Three acts of the officer: a check of something that is no certificate leaves an entry each time.
  for (const name of ['one.pdf', 'two.pdf', 'three.pdf']) {
    await dropPdf(first.page, name, Buffer.from(`not a certificate: ${name}`))
    const answer = first.page.getByRole('dialog', { name })
    await expect(answer.getByRole('alert')).toBeVisible()
    await first.page.keyboard.press('Escape')
    await expect(answer).toBeHidden()
  }
  await screen(first.page, 'Audit').click()
  const log = first.page.getByRole('grid', { name: 'Audit log' })
  const entry = log.getByRole('row').filter({ hasText: 'two.pdf' })
  await expect(entry).toContainText('certificate.checked')
  await expect(entry).toContainText(officer.name)
  await entry.click()
  const detail = first.page.getByRole('region', { name: /^Entry \d+$/ })
  await expect(detail).toContainText(sha256Of('not a certificate: two.pdf').slice(0, 8))
  await first.page.keyboard.press('Shift+V')
  await expect(first.page.getByText(/entries checked: the chain is whole/)).toBeVisible()
  const key = await readDatabaseKey(first.app, userData)
  await first.app.close()

  const sequence = openLocalDatabase(userData, key, (database) => {
    const row = database.prepare("select sequence from audit_event where entity_label = 'two.pdf'").get() as {
      readonly sequence: number
    }
    database.exec('drop trigger audit_event_is_append_only_update')
    database.prepare("update audit_event set entity_label = 'innocent.pdf' where sequence = ?").run(row.sequence)
    return row.sequence
  })

  const { page } = await openProgram({ environment: demoCloud.environment })
  await screen(page, 'Audit').click()
  await page.getByRole('button', { name: /Verify chain/ }).click()
  const alert = page.getByRole('alert').filter({ hasText: 'The chain breaks' })
  await expect(alert).toContainText(`The chain breaks at entry ${String(sequence)}`)
  await expect(alert).toContainText(`Entry ${String(sequence)} was changed after it was written.`)
  await expect(alert).toContainText(/Expected\s*[0-9a-f]{64}/)
  await expect(alert).toContainText(/Found\s*[0-9a-f]{64}/)
  await alert.getByRole('button', { name: 'Show the entry' }).click()
  await expect(page.getByRole('region', { name: `Entry ${String(sequence)}` })).toContainText('innocent.pdf')
})
