import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** What axe finds on a page, in light and in dark: rule and elements, one line each. Nothing is right. */
export async function auditPage(page: Page): Promise<readonly string[]> {
  const found: string[] = []
  const inDialog = (await page.locator('[role="dialog"][data-open]').count()) > 0
  for (const theme of ['light', 'dark']) {
    await page.evaluate((name) => {
      document.documentElement.dataset.theme = name
    }, theme)
    // Colors move for 120 ms; what is measured is where they come to rest.
    await page.waitForTimeout(200)
    // A modal dialog hides the page behind it, with its main area and its heading, from assistive technology, as it should.
    const axe = new AxeBuilder({ page }).disableRules(inDialog ? ['landmark-one-main', 'page-has-heading-one'] : [])
    const { violations } = await axe.analyze()
    for (const { id, nodes } of violations)
      found.push(`${theme} ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
  }
  return found
}
