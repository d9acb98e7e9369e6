import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { type IconPicture, icnsSizes, makeIcns, makeIco } from './icon-containers.ts'

const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512] as const
const windowsSizes = [16, 24, 32, 48, 64, 128, 256] as const

async function draw(page: Page, svg: string, size: number): Promise<IconPicture> {
  await page.setViewportSize({ width: size, height: size })
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
  await page.setContent(`<body style="margin:0"><img src="${source}" width="${size}" style="display:block">`)
  return { size, png: await page.screenshot({ omitBackground: true }) }
}

/**
 * Draws `icon.svg` of a folder in every size and container that installers need, beside it: `icons/NxN.png` (Linux), `icon.ico`
 * (Windows), `icon.icns` (macOS).
 * @param executablePath a Chromium, which does the drawing.
 */
export async function drawIcons(folder: string, executablePath: string): Promise<void> {
  const drawing = readFileSync(join(folder, 'icon.svg'), 'utf8')
  // macOS expects a margin around the plate; elsewhere it would only make the icon look small.
  const closer = drawing.replace('viewBox="0 0 1024 1024"', 'viewBox="84 84 856 856"')
  if (closer === drawing) throw new Error('icon.svg has another view box than the one that is cut here.')
  const browser = await chromium.launch({ executablePath })
  try {
    const page = await browser.newPage()
    const pictures = async (svg: string, sizes: readonly number[]): Promise<IconPicture[]> => {
      const drawn: IconPicture[] = []
      for (const size of sizes) drawn.push(await draw(page, svg, size))
      return drawn
    }
    const set = join(folder, 'icons')
    rmSync(set, { recursive: true, force: true })
    mkdirSync(set)
    for (const { size, png } of await pictures(closer, linuxSizes)) writeFileSync(join(set, `${size}x${size}.png`), png)
    writeFileSync(join(folder, 'icon.ico'), makeIco(await pictures(closer, windowsSizes)))
    writeFileSync(join(folder, 'icon.icns'), makeIcns(await pictures(drawing, icnsSizes)))
  } finally {
    await browser.close()
  }
}
