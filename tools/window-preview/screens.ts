import type { Page } from '@playwright/test'
import type { PreviewView } from './open-preview.ts'

/** A screen to look at: how it is opened, and the steps that lead to it. */
export interface PreviewScreen {
  readonly name: string
  readonly view?: PreviewView
  /** Looked at by axe in the quick tests; `take-screenshots.ts` looks at all of them. */
  readonly audited?: true
  readonly steps?: (page: Page) => Promise<void>
}

const go = (key: string) => async (page: Page) => {
  await page.keyboard.press('g')
  await page.keyboard.press(key)
}

const openLog = async (page: Page) => {
  await go('c')(page)
  await page.getByRole('radio', { name: 'Log' }).click()
  await page.getByRole('region', { name: 'Sync log' }).waitFor()
}

/** Opens the comparison of a change from the sync center. */
const openChange = (list: string, change: string) => async (page: Page) => {
  await go('c')(page)
  await page.getByRole('tab', { name: new RegExp(`^${list}`) }).click()
  await page.getByRole('button', { name: new RegExp(`^${change}`) }).click()
  await page.getByRole('table').waitFor()
}

const drop = async (page: Page, name: string, type: string) => {
  const transfer = await page.evaluateHandle(
    ([fileName, mediaType]) => {
      const data = new DataTransfer()
      data.items.add(new File(['%PDF-1.7'], fileName, { type: mediaType }))
      return data
    },
    [name, type] as const,
  )
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

/** Drops an outbox file on the window and waits until its contents are shown. */
const dropOutbox = async (page: Page) => {
  await drop(page, 'amina@example.org-2026-11-29T0912.veridesk-outbox', '')
  await page.getByRole('dialog').getByText('Fingerprint').waitFor()
}

/** Drops a certificate on the window, as a person does from the file manager. */
export const dropFile = (name: string) => async (page: Page) => {
  await drop(page, name, 'application/pdf')
  await page
    .getByRole('dialog')
    .getByRole('heading', { name: /signature/ })
    .waitFor()
}

const press =
  (...keys: readonly string[]) =>
  async (page: Page) => {
    await page.getByRole('row').nth(3).waitFor()
    for (const key of keys) await page.keyboard.press(key)
  }

const pressAndWait = (key: string) => async (page: Page) => {
  await press(key)(page)
  await page.getByRole('dialog').waitFor()
}

/** Every screen of the window and the states of it that matter. */
export const previewScreens: readonly PreviewScreen[] = [
  { name: 'sign-in', view: { scenario: 'signed-out' } },
  { name: 'sign-in-no-keychain', audited: true, view: { scenario: 'no-keychain' } },
  {
    name: 'sign-in-other-cloud',
    audited: true,
    view: { scenario: 'signed-out' },
    steps: async (page) => page.getByRole('button', { name: 'Use another cloud' }).click(),
  },
  { name: 'locked', audited: true, view: { scenario: 'locked' } },
  { name: 'queue', steps: press('j', 'j') },
  { name: 'queue-new', view: { scenario: 'new' }, steps: press('j') },
  { name: 'queue-selection', steps: press('j', 'x', 'Shift+J', 'Shift+J') },
  { name: 'queue-reason', steps: press('2', 'j', 'j', 'a') },
  { name: 'queue-confirm', audited: true, steps: press('2', '*', 'a', '1') },
  { name: 'queue-outcome', audited: true, steps: press('2', 'x', 'Shift+J', 'Shift+J', 'Shift+J', 'a', '1') },
  { name: 'queue-empty', audited: true, view: { scenario: 'empty' } },
  { name: 'queue-mirroring', view: { scenario: 'mirroring' } },
  { name: 'queue-broken', view: { scenario: 'broken' } },
  { name: 'queue-slow', audited: true, view: { scenario: 'slow' } },
  { name: 'queue-offline', view: { scenario: 'offline' } },
  { name: 'queue-expired', view: { scenario: 'expired' } },
  { name: 'sync-center', steps: go('c') },
  { name: 'sync-center-stale', audited: true, view: { scenario: 'stale' }, steps: go('c') },
  { name: 'sync-log', audited: true, steps: openLog },
  { name: 'sync-log-empty', view: { scenario: 'empty' }, steps: openLog },
  {
    name: 'sync-log-saved',
    steps: async (page) => {
      await openLog(page)
      await page.getByRole('checkbox', { name: 'Failed only' }).click()
      await page.keyboard.press('Control+e')
      await page.getByText('is written').waitFor()
    },
  },
  { name: 'sync-center-paused', audited: true, view: { scenario: 'paused' }, steps: go('c') },
  { name: 'sync-center-offline', audited: true, view: { scenario: 'offline' }, steps: go('c') },
  { name: 'sync-center-conflict', audited: true, steps: openChange('Conflict', 'Approve Citarum') },
  { name: 'sync-center-refused', audited: true, steps: openChange('Refused', 'Approve Mumbai') },
  { name: 'sync-center-taken-back', audited: true, steps: openChange('Taken back', 'Approve Manila') },
  {
    name: 'sync-center-bulk',
    audited: true,
    steps: async (page) => {
      await go('c')(page)
      await page.getByRole('button', { name: /^Take theirs for all/ }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'hand-over',
    audited: true,
    steps: async (page) => {
      await go('c')(page)
      await page.getByRole('button', { name: 'Hand over unsent changes…' }).click()
      await page.getByText('Whoever has the file can read it').waitFor()
    },
  },
  {
    name: 'handed-over',
    audited: true,
    steps: async (page) => {
      await go('c')(page)
      await page.getByRole('button', { name: 'Hand over unsent changes…' }).click()
      await page.getByRole('button', { name: 'Write file…' }).click()
      await page.getByText('Fingerprint', { exact: true }).waitFor()
    },
  },
  {
    name: 'hand-over-nothing',
    view: { scenario: 'empty' },
    steps: async (page) => {
      await go('c')(page)
      await page.getByRole('button', { name: 'Hand over unsent changes…' }).click()
      await page.getByText('The cloud has all of your work.').waitFor()
    },
  },
  { name: 'submit-file', audited: true, steps: dropOutbox },
  { name: 'submit-file-refused', audited: true, view: { scenario: 'offline' }, steps: dropOutbox },
  {
    name: 'file-submitted',
    audited: true,
    steps: async (page) => {
      await dropOutbox(page)
      await page
        .getByRole('button', { name: /^Submit/ })
        .last()
        .click()
      await page.getByRole('region', { name: 'Fate of each change' }).waitFor()
    },
  },
  {
    name: 'audit',
    steps: async (page) => {
      await go('a')(page)
      await page.getByRole('grid', { name: 'Audit log' }).waitFor()
    },
  },
  {
    name: 'audit-tampered',
    audited: true,
    view: { scenario: 'tampered' },
    steps: async (page) => {
      await go('a')(page)
      await page.getByRole('grid', { name: 'Audit log' }).waitFor()
      await page.keyboard.press('Shift+V')
      await page.getByText('The chain breaks').waitFor()
    },
  },
  { name: 'reports', steps: go('r') },
  {
    name: 'reports-written',
    audited: true,
    steps: async (page) => {
      await go('r')(page)
      // The screen comes in a file of its own; its keys are there when it is.
      await page.getByRole('heading', { name: 'Decisions register' }).waitFor()
      await page.keyboard.press('Control+e')
      await page.getByRole('menuitem').first().click()
      await page.getByText('is written').waitFor()
    },
  },
  { name: 'settings', audited: true, steps: go('s') },
  { name: 'keys', steps: pressAndWait('?') },
  { name: 'palette', audited: true, steps: pressAndWait('Control+k') },
  { name: 'verify-valid', steps: dropFile('VD-PCX-2026-1F2E3D4C5B.pdf') },
  { name: 'verify-changed', audited: true, steps: dropFile('VD-PCX-2026-changed.pdf') },
]
