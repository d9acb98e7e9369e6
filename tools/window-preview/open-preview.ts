import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { findChromium } from '../chromium-host/chromium-binary.ts'
import { buildPreview } from './build-preview.ts'
import { servePreview } from './serve-preview.ts'

/** How a page of the preview is opened. */
export interface PreviewView {
  readonly scenario?: string
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
  readonly more?: string
}

/** A window that runs in a browser against the fake bridge. */
export interface Preview {
  /** Opens a page; what breaks the policy, fails or is logged as an error is collected in `complaints`. */
  readonly open: (view?: PreviewView) => Promise<{ readonly page: Page; readonly complaints: readonly string[] }>
  readonly close: () => Promise<void>
}

/** Builds and serves the window and starts a browser for it. */
export async function openPreview(): Promise<Preview> {
  const directory = await mkdtemp(join(tmpdir(), 'window-preview-'))
  const built = await buildPreview(directory)
  const server = await servePreview(built.directory)
  const browser: Browser = await chromium.launch({
    executablePath: findChromium(process.env) ?? '',
    args: ['--no-sandbox'],
  })
  return {
    open: async ({ scenario = 'signed-in', theme = 'light', width = 1440, height = 900, more = '' } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        timezoneId: 'Asia/Jakarta',
        colorScheme: theme,
      })
      await context.addInitScript({ content: built.bridgeScript })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      await page.goto(`${server.origin}/?scenario=${scenario}&theme=${theme}${more}`)
      await page.locator('main').first().waitFor()
      return { page, complaints }
    },
    close: async () => {
      await browser.close()
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
