import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../chromium-host/chromium-binary.ts'
import { openPreview, type Preview, type PreviewView } from './open-preview.ts'

const minute = 60_000

describe.skipIf(findChromium(process.env) === null)('the sync center', () => {
  let preview: Preview
  beforeAll(async () => {
    preview = await openPreview()
  }, 2 * minute)
  afterAll(() => preview.close())

  const inSyncCenter = async (view: PreviewView, use: (page: Page) => Promise<void>) => {
    const { page, complaints } = await preview.open(view)
    try {
      await page.keyboard.press('g')
      await page.keyboard.press('c')
      await page.getByRole('heading', { name: 'Sync center' }).waitFor()
      await use(page)
      expect(complaints).toEqual([])
    } finally {
      await page.context().close()
    }
  }
  const openLog = async (page: Page) => {
    await page.getByRole('radio', { name: 'Changes' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('grid', { name: 'Sync log' }).waitFor()
  }

  it(
    'fault 22: says how old the data is, in words, in the status bar and beside what to do',
    () =>
      inSyncCenter({ scenario: 'stale' }, async (page) => {
        const words = /^Data as of \d{4}-\d{2}-\d{2} \d{2}:\d{2}, 3 h old$/
        await page.getByRole('contentinfo').getByRole('button', { name: words }).waitFor()
        await page.getByRole('complementary', { name: 'Connection' }).getByText(words).waitFor()
        await page.getByText('save the sync log and send it to support').waitFor()
        expect(await page.getByText(/^Synced /).count(), 'nothing says that all is well').toBe(0)
      }),
    minute,
  )

  it(
    'fault 22: says nothing of it while data arrives',
    () =>
      inSyncCenter({}, async (page) => {
        await page.getByRole('contentinfo').getByText('Synced 4 min ago').waitFor()
        expect(await page.getByText(/Data as of/).count()).toBe(0)
      }),
    minute,
  )

  it(
    'opens a run to its exchanges, shows those that failed alone, and saves the log, by keyboard',
    () =>
      inSyncCenter({}, async (page) => {
        await openLog(page)
        const detail = page.getByRole('region', { name: 'Exchanges of the chosen run' })
        await detail.getByRole('heading', { name: 'Evidence files' }).waitFor()
        for (const key of ['j', 'j', 'j']) await page.keyboard.press(key)
        await detail.getByRole('heading', { name: 'Sync', exact: true }).waitFor()
        await detail.getByRole('row', { name: /^Sent changes/ }).waitFor()
        await page.getByRole('checkbox', { name: 'Failed only' }).focus()
        await page.keyboard.press('Space')
        await detail.getByText('cloud_unreachable (no answer)').waitFor()
        await page.keyboard.press('Control+e')
        await page.getByText('veridesk-sync-log-2026-11-20.jsonl is written').waitFor()
      }),
    minute,
  )

  it(
    'says so when there is no run yet, and when the log cannot be read',
    async () => {
      const choose = (page: Page) => page.getByRole('radio', { name: 'Log' }).click()
      await inSyncCenter({ scenario: 'empty' }, async (page) => {
        await choose(page)
        await page.getByText('Each exchange with the cloud is listed here').waitFor()
      })
      await inSyncCenter({ scenario: 'broken' }, async (page) => {
        await choose(page)
        await page.getByRole('region', { name: 'Sync log' }).getByText('The local database cannot be read.').waitFor()
      })
    },
    minute,
  )
})
