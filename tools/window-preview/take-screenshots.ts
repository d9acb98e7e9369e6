import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { auditPage } from './audit-page.ts'
import { openPreview } from './open-preview.ts'
import { previewScreens } from './screens.ts'

/**
 * Takes a picture of every screen, and has axe look at each where the environment says `AUDIT=1`: `node tools/window-preview/take-screenshots.ts [directory] [light|dark] [1440x900] [name...]`.
 * A screen that complains (policy, console, exception, axe) is named at the end, and the exit code is then 1.
 */
const [directory = 'out/window-preview', theme = 'light', size = '1440x900', ...names] = process.argv.slice(2)
const [width = 1440, height = 900] = size.split('x').map(Number)

await mkdir(directory, { recursive: true })
const preview = await openPreview()
let complained = false
try {
  for (const screen of previewScreens) {
    if (names.length > 0 && !names.includes(screen.name)) continue
    const { page, complaints } = await preview.open({
      ...screen.view,
      theme: theme === 'dark' ? 'dark' : 'light',
      width,
      height,
    })
    try {
      await screen.steps?.(page)
      await page.waitForTimeout(350)
    } catch (cause) {
      console.error(`${screen.name}: ${String(cause).split('\n')[0] ?? ''}`)
      complained = true
    }
    await page.screenshot({ path: join(directory, `${screen.name}-${theme}-${String(width)}.png`) })
    const found = process.env.AUDIT === '1' ? await auditPage(page) : []
    for (const complaint of [...complaints, ...found]) console.error(`${screen.name}: ${complaint}`)
    complained ||= complaints.length + found.length > 0
    await page.context().close()
  }
} finally {
  await preview.close()
}
process.exitCode = complained ? 1 : 0
