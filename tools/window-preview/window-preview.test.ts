import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../chromium-host/chromium-binary.ts'
import { auditPage } from './audit-page.ts'
import { openPreview, type Preview, type PreviewView } from './open-preview.ts'
import { previewScreens } from './screens.ts'

const minute = 60_000

/** Asks again until it is so; generous, because many things share a build machine. */
const eventually = <Value>(read: () => Value) => expect.poll(read, { timeout: 20_000 })

/** The window in a real browser, with made-up answers, under the policy that the program gives it. */
describe.skipIf(findChromium(process.env) === null)('the window', () => {
  let preview: Preview
  beforeAll(async () => {
    preview = await openPreview()
  }, 2 * minute)
  afterAll(() => preview.close())

  const inWindow = async (view: PreviewView, use: (page: Page) => Promise<void>) => {
    const { page, complaints } = await preview.open(view)
    try {
      await use(page)
      expect(complaints).toEqual([])
    } finally {
      await page.context().close()
    }
  }
  const inQueue = (use: (page: Page) => Promise<void>, view: PreviewView = {}) =>
    inWindow(view, async (page) => {
      await page.getByRole('row').nth(3).waitFor()
      await use(page)
    })
  const activeRow = (page: Page) => page.locator('[role="row"][tabindex="0"]')

  it.each(previewScreens.filter(({ audited }) => audited === true))(
    '$name: axe finds nothing, in light and in dark, and nothing breaks the policy',
    (screen) =>
      inWindow({ width: 1100, height: 560, ...screen.view }, async (page) => {
        await screen.steps?.(page)
        expect(await auditPage(page)).toEqual([])
      }),
    minute,
  )

  it(
    'moves by J and K, and the keyboard stays on the active row',
    () =>
      inQueue(async (page) => {
        for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key)
        await eventually(() => activeRow(page).getAttribute('aria-rowindex')).toBe('4')
        expect(await activeRow(page).evaluate((row) => row === document.activeElement)).toBe(true)
      }),
    minute,
  )

  it(
    'decides in two keys, goes on to the next row, and takes it back with Ctrl+Z',
    () =>
      inQueue(async (page) => {
        await page.keyboard.press('2')
        // A row of the view before may be in review too, and no key means that one any more.
        await page.getByText('542 batches', { exact: true }).waitFor()
        const row = activeRow(page)
        await eventually(() => row.textContent()).toContain('In review')
        await page.keyboard.press('a')
        await page.keyboard.press('1')
        await page.getByText('Approved 1 batch').waitFor()
        await eventually(() => row.getAttribute('aria-rowindex')).toBe('3')
        const decided = page.locator('[role="row"][aria-rowindex="2"]')
        await eventually(() => decided.textContent()).toContain('Approved')
        await page.keyboard.press('Control+z')
        await eventually(() => decided.textContent()).toContain('In review')
      }),
    minute,
  )

  it(
    'selects by range and keeps the selection when the order changes',
    () =>
      inQueue(async (page) => {
        for (const key of ['x', 'Shift+J', 'Shift+J']) await page.keyboard.press(key)
        await page.getByText('3 batches selected').waitFor()
        await page.getByRole('columnheader', { name: 'Quantity' }).getByRole('button').click()
        await page.getByText('3 batches selected').waitFor()
      }),
    minute,
  )

  it(
    'asks once more above fifty batches, naming how many and which',
    () =>
      inQueue(async (page) => {
        await page.keyboard.press('2')
        await page.getByText('542 batches', { exact: true }).waitFor()
        for (const key of ['*', 'r', '2']) await page.keyboard.press(key)
        const question = page.getByText(/^Reject \d+ batches at once\?$/)
        await question.waitFor()
        await page.getByText('Filter: assigned to me, status In review.').waitFor()
        await page.keyboard.press('Escape')
        await page.keyboard.press('Escape')
        expect(await question.count()).toBe(0)
      }),
    minute,
  )

  it(
    'never means the rows of the view before, however fast the keys follow',
    () =>
      inQueue(async (page) => {
        const before = await page.getByText(/^[\d,]+ batches$/).textContent()
        await page.evaluate(async () => {
          const press = (key: string) =>
            document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
          press('2')
          // The view has changed, and its rows are still on their way.
          while (document.querySelector('[aria-current="true"]')?.textContent?.startsWith('Awaiting') !== true)
            await new Promise((resolve) => setTimeout(resolve))
          press('*')
          await new Promise((resolve) => setTimeout(resolve))
          press('r')
        })
        await page.getByText('542 batches', { exact: true }).waitFor()
        expect(before).not.toBe('542 batches')
        expect(await page.getByText(`Reject: ${before}`).count()).toBe(0)
      }),
    minute,
  )

  it(
    'keeps its keys to itself while a person types',
    () =>
      inQueue(async (page) => {
        await page.keyboard.press('/')
        await page.keyboard.type('jaipur')
        await eventually(() => page.getByRole('searchbox').inputValue()).toBe('jaipur')
        await eventually(() => activeRow(page).textContent()).toContain('Rajasthan')
        await page.keyboard.press('Enter')
        await eventually(() => activeRow(page).evaluate((row) => row === document.activeElement)).toBe(true)
      }),
    minute,
  )

  it(
    'does nothing on letters when they are switched off, and still opens by Enter',
    () =>
      inQueue(
        async (page) => {
          await page.keyboard.press('a')
          await page.keyboard.press('ArrowDown')
          expect(await page.getByRole('dialog').count()).toBe(0)
          await activeRow(page).focus()
          await page.keyboard.press('Enter')
          await expect
            .poll(() => page.getByRole('button', { name: 'Batch', exact: true }).getAttribute('aria-current'))
            .toBe('page')
        },
        { more: '&letters=off' },
      ),
    minute,
  )

  it(
    'comes back to view, row and filter after a restart',
    () =>
      inQueue(async (page) => {
        await page.keyboard.press('7')
        await page.getByText('2,000 batches').waitFor()
        for (let step = 0; step < 30; step += 1) await page.keyboard.press('j')
        await eventually(() => activeRow(page).getAttribute('aria-rowindex')).toBe('32')
        const text = await activeRow(page).textContent()
        await page.reload()
        await eventually(() => activeRow(page).textContent()).toBe(text)
        await page
          .getByRole('button', { name: /^All 2,000/, exact: false })
          .and(page.locator('[aria-current="true"]'))
          .waitFor()
      }),
    minute,
  )

  it(
    'draws few rows however long the queue is',
    () =>
      inQueue(
        async (page) => {
          await page.keyboard.press('7')
          await page.getByText('100,000 batches').waitFor()
          await page.keyboard.press('End')
          await eventually(() => activeRow(page).getAttribute('aria-rowindex')).toBe('100001')
          expect(await page.getByRole('row').count()).toBeLessThan(70)
        },
        { more: '&batches=100000' },
      ),
    minute,
  )

  it(
    'finds a command by its words and runs it',
    () =>
      inQueue(async (page) => {
        await page.keyboard.press('Control+k')
        await page.getByRole('combobox').fill('go audit')
        await page.keyboard.press('ArrowDown')
        await page.keyboard.press('Enter')
        await page.getByRole('grid', { name: 'Audit log' }).waitFor()
        expect(await page.getByRole('dialog').count()).toBe(0)
      }),
    minute,
  )

  it(
    'leads from pane to pane with F6',
    () =>
      inQueue(async (page) => {
        const seen = new Set<string | null>()
        for (let step = 0; step < 5; step += 1) {
          await page.keyboard.press('F6')
          seen.add(
            await page.evaluate(
              () => document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane') ?? null,
            ),
          )
        }
        expect([...seen].sort()).toEqual(['Batches', 'Peek', 'Screens', 'Status', 'Views'])
      }),
    minute,
  )

  it(
    'leaves the active row where it is while a narrow window shows the glance over the rows',
    () =>
      inQueue(
        async (page) => {
          await page.keyboard.press('j')
          await page.keyboard.press('Space')
          await page.getByRole('button', { name: 'Close peek' }).waitFor()
          await page.keyboard.press('Escape')
          await eventually(() => page.getByRole('button', { name: 'Close peek' }).count()).toBe(0)
          await eventually(() => activeRow(page).getAttribute('aria-rowindex')).toBe('3')
        },
        { width: 900, height: 600 },
      ),
    minute,
  )
})
