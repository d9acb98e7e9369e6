import { join } from 'node:path'
import { chromiumMissing, findChromium } from '../chromium-host/chromium-binary.ts'
import { drawIcons } from '../packaging/draw-icons.ts'

/*
 * Draws the application's icon, resources/build/icon.svg, in every size that installers need. Run it after a change of the drawing;
 * the results are kept in the repository, so that packaging needs no converter.
 */

const chromium = findChromium(process.env)
if (chromium === null) {
  console.error(chromiumMissing(process.env))
  process.exit(1)
}
await drawIcons(join(import.meta.dirname, '..', '..', 'resources', 'build'), chromium)
