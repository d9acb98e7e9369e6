import type { ElectronApplication, Page } from '@playwright/test'
import { expectAccessible } from '../fixtures/accessibility.ts'
import { findBatch, openSyncCenter, rows } from '../fixtures/desk.ts'
import { expect, test } from '../fixtures/journey.ts'
import { documentedBatch } from '../fixtures/register.ts'
import { personNamed, signInAs } from '../fixtures/sign-in.ts'

const auditor = personNamed('Ingrid Solheim')
const sizes = [
  { width: 1440, height: 900 },
  { width: 900, height: 600 },
] as const
const themes = ['light', 'dark'] as const

/** Shows the window in a theme and a size, as the system and the person would. */
async function show(
  app: ElectronApplication,
  page: Page,
  theme: (typeof themes)[number],
  size: (typeof sizes)[number],
): Promise<string> {
  await app.evaluate(({ nativeTheme }, source) => {
    nativeTheme.themeSource = source
  }, theme)
  await page.setViewportSize(size)
  await expect
    .poll(() => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches))
    .toBe(theme === 'dark')
  return `${theme}, ${String(size.width)} x ${String(size.height)}`
}

test('no screen has a fault that axe knows, light and dark, large and small', async ({ demoCloud, openProgram }) => {
  const { app, page } = await openProgram({ environment: demoCloud.environment })
  const inEveryLook = async (screen: string) => {
    for (const theme of themes)
      for (const size of sizes) await expectAccessible(page, `${screen}, ${await show(app, page, theme, size)}`)
  }
  await inEveryLook('sign-in')
  await show(app, page, 'light', sizes[0])
  await signInAs(page, auditor)
  await expect(rows(page).first()).toBeVisible()
  await inEveryLook('queue')
  const places = ['Audit', 'Reports', 'Settings'] as const
  for (const place of places) {
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: place }).click()
    await expect(page.getByRole('main')).not.toContainText('Loading')
    await inEveryLook(place.toLowerCase())
  }
  await openSyncCenter(page)
  await inEveryLook('sync center')
})

test('the batch screen has no fault that axe knows', async ({ demoCloud, openProgram }) => {
  const { app, page } = await openProgram({ environment: demoCloud.environment })
  await signInAs(page, auditor)
  await findBatch(page, documentedBatch(demoCloud, auditor))
  await page.keyboard.press('Enter')
  await page.getByRole('list', { name: 'Evidence files' }).getByRole('button').first().click()
  for (const theme of themes)
    for (const size of sizes) await expectAccessible(page, `batch, ${await show(app, page, theme, size)}`)
})

test('F6 goes through every pane and back, and a dialog gives the focus back', async ({ demoCloud, openProgram }) => {
  const { app, page } = await openProgram({ environment: demoCloud.environment })
  await show(app, page, 'light', sizes[0])
  await signInAs(page, auditor)
  await rows(page).first().click()
  const pane = () =>
    page.evaluate(() => document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane') ?? 'none')
  const visited: string[] = [await pane()]
  for (let step = 0; step < 5; step += 1) {
    await page.keyboard.press('F6')
    visited.push(await pane())
  }
  expect(visited).toEqual(['Batches', 'Peek', 'Status', 'Screens', 'Views', 'Batches'])
  await expect(rows(page).first()).toBeFocused()
  await page.keyboard.press('Shift+F6')
  expect(await pane()).toBe('Views')
  await page.keyboard.press('F6')

  // Tab leaves the rows by one step and comes back to the same row: the grid is one stop.
  await page.keyboard.press('j')
  await page.keyboard.press('Tab')
  await expect(rows(page).nth(1)).not.toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await expect(rows(page).nth(1)).toBeFocused()

  await page.keyboard.press('?')
  const keys = page.getByRole('dialog')
  await expect(keys).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(keys).toBeHidden()
  await expect(rows(page).nth(1)).toBeFocused()

  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox', { name: 'Find a command' })).toBeFocused()
  await page.keyboard.type('audit log')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Audit', exact: true })).toBeVisible()
})
