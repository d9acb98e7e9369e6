import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../chromium-host/chromium-binary.ts'
import { type BatchPreview, openBatchPreview } from './batch-open-preview.ts'

const patient = 180_000
const pictures = process.env.PICTURES
let preview: BatchPreview

describe.skipIf(findChromium(process.env) === null)('grants on the batch screen, in a real browser', () => {
  beforeAll(async () => {
    preview = await openBatchPreview()
  }, patient)
  afterAll(() => preview.close())

  for (const theme of ['light', 'dark'] as const)
    it(
      `an accreditation that ended and a missing declaration are said in plain words, and the declaration is made by keyboard (${theme})`,
      async () => {
        const { page, complaints } = await preview.open({ theme, more: '&grants=ended' })
        page.setDefaultTimeout(60_000)
        const look = async (name: string) => {
          if (pictures !== undefined) await page.screenshot({ path: `${pictures}/grants-${name}-${theme}.png` })
          const { violations } = await new AxeBuilder({ page })
            .include('[aria-label="Review"], [role="dialog"]')
            .analyze()
          expect(violations.map(({ id, nodes }) => `${name} ${id}: ${nodes[0]?.html ?? ''}`)).toEqual([])
        }
        await page.locator('section[data-page="1"] canvas').waitFor()
        await page.keyboard.press('Alt+4')
        const standing = page.getByRole('region', { name: 'Your standing' })
        await standing.getByText(/ended on 3 May 2026\./).waitFor()
        await standing.getByText('Ask an administrator to renew it, then sync.').waitFor()
        const signing = page.getByRole('region', { name: 'Sign a certificate' })
        await signing.getByText('You have not declared your independence from this recycler.').waitFor()
        await look('ended')
        await page.keyboard.press('i')
        const dialog = page.getByRole('dialog', { name: 'Declare independence' })
        await dialog.waitFor()
        await look('dialog')
        await page.keyboard.press('Control+Enter')
        await standing.getByText(/^Declared here on .*, not yet confirmed by the registry\.$/).waitFor()
        expect(await signing.getByText('You have not declared your independence').count()).toBe(0)
        await look('declared')
        await page.keyboard.press('i')
        await dialog.getByRole('radio', { name: 'There is a conflict' }).click()
        await page.keyboard.press('Control+Enter')
        await dialog.getByText('Say what the conflict is; it goes on record.').waitFor()
        await dialog.getByRole('textbox').fill('My brother works there.')
        await page.keyboard.press('Control+Enter')
        await standing.getByText(/^You declared a conflict of interest on /).waitFor()
        expect(await standing.getByRole('button', { name: /Declare independence/ }).count()).toBe(0)
        await look('conflict')
        expect(complaints).toEqual([])
        await page.context().close()
      },
      patient,
    )
})
