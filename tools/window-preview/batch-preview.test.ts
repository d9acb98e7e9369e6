import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../chromium-host/chromium-binary.ts'
import { type BatchPreview, type BatchView, openBatchPreview } from './batch-open-preview.ts'

const patient = 180_000
let preview: BatchPreview

const file = (page: Page, name: RegExp) =>
  page.getByRole('list', { name: 'Evidence files' }).getByRole('button', { name })

/** Opens the batch, waits for its first file, and closes what was opened. The policy must not have been broken. */
async function onBatch(run: (page: Page) => Promise<void>, view: BatchView = {}): Promise<void> {
  const { page, complaints } = await preview.open(view)
  page.setDefaultTimeout(60_000)
  try {
    await page.locator('section[data-page="1"] canvas').waitFor()
    await run(page)
    expect(complaints).toEqual([])
  } finally {
    await page.context().close()
  }
}

const violations = async (page: Page): Promise<readonly string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)

describe.skipIf(findChromium(process.env) === null)('the batch screen, in a real browser', () => {
  beforeAll(async () => {
    preview = await openBatchPreview()
  }, patient)
  afterAll(() => preview.close())

  describe('the evidence', () => {
    it(
      'is viewed once it was in sight for a second, of every kind, and a damaged file is not',
      () =>
        onBatch(async (page) => {
          for (const name of [/Truck on the weighbridge/, /Transport log/, /200 pages/]) {
            await file(page, name).click()
            await file(page, name)
              .and(page.getByRole('button', { name: / Viewed$/ }))
              .waitFor()
          }
          await file(page, /breaks off/).click()
          await page.getByRole('alert').getByText('The PDF cannot be read').waitFor()
          await page.keyboard.press('v')
          await page.getByText('it cannot be marked as viewed').waitFor()
          expect(await file(page, /breaks off.*Not viewed$/).count()).toBe(1)
        }),
      patient,
    )

    it(
      'is walked through with [ and ], and says what is not here yet',
      () =>
        onBatch(async (page) => {
          await file(page, /breaks off/).click()
          await page.keyboard.press(']')
          await page.getByRole('alert').getByText('not on this computer').waitFor()
          await page.keyboard.press('[')
          await page.getByRole('alert').getByText('The PDF cannot be read').waitFor()
        }),
      patient,
    )

    it(
      'finds words in a long document and goes to them',
      () =>
        onBatch(async (page) => {
          await file(page, /200 pages/).click()
          await page.getByText('of 200', { exact: true }).waitFor()
          await page.keyboard.press('Control+f')
          await page.getByLabel('Find in document').fill('PAGE 150')
          await page.getByRole('search').getByText('1 of 1').waitFor()
          await page.locator('section[data-page="150"] canvas').waitFor()
          await page.keyboard.press('Escape')
          expect(await page.getByLabel('Page number').inputValue()).toBe('150')
        }),
      patient,
    )

    it(
      'is at the same file and page after a restart',
      () =>
        onBatch(async (page) => {
          await file(page, /200 pages/).click()
          await page.getByText('of 200', { exact: true }).waitFor()
          await page.getByLabel('Page number').fill('120')
          await page.keyboard.press('Enter')
          await page.locator('section[data-page="120"] canvas').waitFor()
          await expect
            .poll(() => page.evaluate(() => sessionStorage.getItem('drafts')?.includes('\\"page\\":120')))
            .toBe(true)
          await page.reload()
          await page.locator('section[data-page="120"] canvas').waitFor()
        }),
      patient,
    )

    it(
      'says so when the worker of the PDF viewer cannot be had, and never reads on the page itself',
      async () => {
        const { page } = await preview.open()
        await page.route(/pdf\.worker/, (route) => route.abort())
        await page.reload()
        await page.getByRole('alert').getByText('The PDF could not be shown').waitFor({ timeout: 60_000 })
        await page.context().close()
      },
      patient,
    )
  })

  describe('the review', () => {
    it(
      'scores by keyboard, keeps notes, and paints what was recorded',
      () =>
        onBatch(async (page) => {
          await page.keyboard.press('4')
          await page.getByRole('button', { name: /^4 points: /, pressed: true }).waitFor()
          await page.keyboard.press('l')
          await page.getByRole('button', { name: 'Unlink open file' }).waitFor()
          await page.keyboard.press('j')
          await page.getByLabel('Note').fill('Half a thought')
          await page.getByText('recorded together with the score').waitFor()
          await expect
            .poll(() => page.evaluate(() => sessionStorage.getItem('drafts')?.includes('Half a thought')))
            .toBe(true)
          await page.getByRole('heading', { level: 1 }).click()
          await page.keyboard.press('2')
          await page.getByRole('status', { name: 'Running score' }).getByText('2.86').waitFor()
          await expect
            .poll(() => page.evaluate(() => sessionStorage.getItem('drafts')?.includes('Half a thought')))
            .toBe(false)
        }),
      patient,
    )

    it(
      'raises, answers and closes a finding; it blocks the certificate and leads back',
      () =>
        onBatch(async (page) => {
          await page.keyboard.press('f')
          const form = page.getByRole('dialog', { name: 'Raise a finding' })
          await form.getByLabel('Title').fill('Photo far from the site')
          await page.keyboard.press('Control+Enter')
          await form.getByText('Say what is wrong').waitFor()
          await form.getByLabel('Description').fill('47 km away.')
          await form.getByLabel('Misstatement in t').fill('2,50')
          await page.keyboard.press('Control+Enter')
          await page.getByText('Over the threshold').waitFor()
          await page.keyboard.press('Control+Enter')
          const signing = page.getByRole('dialog', { name: 'Sign a certificate' })
          expect(await signing.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true)
          await signing.getByRole('button', { name: 'Photo far from the site', exact: true }).click()
          await page.getByRole('button', { name: 'Close finding' }).click()
          await page.getByLabel('Why it can be closed').fill('The camera was borrowed.')
          await page.keyboard.press('Control+Enter')
          await page.getByText('Below the threshold').waitFor()
        }),
      patient,
    )

    it(
      'approves by two keys and takes it back',
      () =>
        onBatch(
          async (page) => {
            await page.keyboard.press('a')
            await page.getByRole('dialog', { name: /^Approve/ }).waitFor()
            await page.keyboard.press('1')
            await page.locator('header').getByText('Approved').waitFor()
            await page.keyboard.press('Control+z')
            await page.locator('header').getByText('In review').waitFor()
          },
          { scenario: 'desk' },
        ),
      patient,
    )
  })

  describe('the certificate', () => {
    it(
      'is signed by keyboard alone, with a key that is brought on the way',
      () =>
        onBatch(
          async (page) => {
            for (let criterion = 0; criterion < 30; criterion += 1) {
              await page.keyboard.press('4')
              await page.getByRole('button', { name: /^4 points: /, pressed: true }).waitFor()
              await page.keyboard.press('j')
            }
            await page.getByText('Every criterion is scored').waitFor()
            await page.keyboard.press('Control+Enter')
            const dialog = page.getByRole('dialog', { name: 'Sign a certificate' })
            await dialog.getByRole('checkbox', { name: 'I acknowledge this' }).press('Space')
            await page.keyboard.press('Control+Enter')
            await dialog.getByLabel('Addressee').waitFor()
            await page.keyboard.press('Control+Enter')
            await dialog.locator('canvas').first().waitFor()
            await page.keyboard.press('Control+Enter')
            await dialog
              .getByLabel('Signing key file (PKCS#12)')
              .setInputFiles({ name: 'key.p12', mimeType: 'application/x-pkcs12', buffer: Buffer.from('key') })
            await dialog.getByLabel('Passphrase of the file').fill('wrong')
            await page.keyboard.press('Enter')
            await dialog.getByText('This is not the passphrase of the file').waitFor()
            await dialog.getByLabel('Passphrase of the file').fill('demo')
            await page.keyboard.press('Enter')
            await dialog.getByText('A signature is never undone').waitFor()
            expect(await violations(page)).toEqual([])
            await page.keyboard.press('Control+Enter')
            const result = page.getByRole('dialog', { name: 'The certificate is signed' })
            await result.getByText('(time claimed)').waitFor()
            await result.getByText('not yet').waitFor()
          },
          { more: '&key=none' },
        ),
      patient,
    )
  })

  describe('the screen', () => {
    for (const [theme, width, height] of [
      ['light', 1440, 900],
      ['dark', 900, 600],
    ] as const)
      it(
        `has nothing that axe objects to, ${theme} at ${String(width)} by ${String(height)}`,
        () =>
          onBatch(
            async (page) => {
              await file(page, /Truck on the weighbridge/).click()
              await page.getByText('away from the registered site').waitFor()
              for (const tab of ['Alt+1', 'Alt+2', 'Alt+3', 'Alt+4']) {
                await page.keyboard.press(tab)
                expect(await violations(page)).toEqual([])
              }
              await page.keyboard.press('f')
              await page.getByRole('dialog', { name: 'Raise a finding' }).waitFor()
              expect(await violations(page)).toEqual([])
            },
            { theme, width, height },
          ),
        patient,
      )

    it(
      'keeps everything in reach where there is little room',
      () =>
        onBatch(
          async (page) => {
            const review = page.getByRole('region', { name: 'Review' })
            expect(await review.count()).toBe(0)
            await page.keyboard.press('p')
            await review.getByRole('tab', { name: 'Findings' }).click()
            await review.getByRole('button', { name: /Raise finding/ }).waitFor()
            await page.getByRole('heading', { level: 1 }).click()
            await page.keyboard.press('Escape')
            await review.waitFor({ state: 'detached' })
          },
          { width: 900, height: 600 },
        ),
      patient,
    )

    it(
      'says what to do about a batch that is not here',
      async () => {
        const { page, complaints } = await preview.open({ scenario: 'missing' })
        await page.getByText('This batch is not on this computer').waitFor()
        await page.getByRole('button', { name: 'Try again' }).waitFor()
        expect(complaints).toEqual([])
        await page.context().close()
      },
      patient,
    )
  })
})
