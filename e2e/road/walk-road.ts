import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ElectronApplication, expect, type Page } from '@playwright/test'
import { type DemoCloud, type DemoCloudOptions, startDemoCloud } from '../../tools/demo-cloud/start-demo-cloud.ts'
import { demoPeople } from '../../tools/demo-data/people.ts'
import { firstReadyWindow, launchApp } from '../fixtures/launch.ts'
import { readBack } from './read-back.ts'
import { RoadLog, type RoadReport } from './road-report.ts'

/** Where a walk takes place. */
export interface WalkOptions {
  /** Receives the pictures, the certificate and `report.json`; emptied first. */
  readonly outDirectory: string
  /** The workstation's data; a new folder, so that the walk begins where a newcomer begins. */
  readonly userData: string
  readonly cloud: DemoCloudOptions
  readonly tell: (line: string) => void
}

const findingTitle = 'Calibration of the second weighbridge'
const size = { width: 1440, height: 900 }
const slow = { timeout: 60_000 }

/** A running program with its window. */
interface Desk {
  readonly app: ElectronApplication
  readonly page: Page
}

async function openDesk(userData: string, demo: DemoCloud): Promise<Desk> {
  const app = await launchApp(userData, { environment: demo.environment })
  const page = await firstReadyWindow(app)
  await page.setViewportSize(size)
  return { app, page }
}

async function signIn(page: Page, email: string): Promise<void> {
  const person = demoPeople().find((candidate) => candidate.email === email)
  if (person === undefined) throw new Error(`There is no demo person ${email}`)
  await page.getByRole('button', { name: new RegExp(person.name) }).click()
}

/** Opens every file of evidence in turn and waits until the program has noted that it was seen. */
async function openEveryFile(page: Page, log: RoadLog): Promise<number> {
  const files = page.getByRole('list', { name: 'Evidence files' }).getByRole('button')
  await expect(files.first()).toBeVisible(slow)
  const count = await files.count()
  for (let index = 0; index < count; index++) {
    const file = files.nth(index)
    const name = (await file.allInnerTexts())[0]?.split('\n')[0] ?? `file ${index + 1}`
    await log.step(
      `open ${name}`,
      () => page,
      async () => {
        await file.click()
        await expect(file).toHaveAccessibleName(/Viewed$/, slow)
      },
    )
  }
  return count
}

/** Gives every criterion four points by keyboard. */
async function scoreEveryCriterion(page: Page): Promise<number> {
  await page.getByRole('tab', { name: /Rubric/ }).click()
  const criteria = page.locator('[data-criterion]')
  await expect(criteria.first()).toBeVisible()
  const count = await criteria.count()
  for (let index = 0; index < count; index++) {
    const criterion = criteria.nth(index)
    await criterion.locator('[data-criterion-line]').click()
    await page.keyboard.press('4')
    await expect(criterion.getByRole('button', { name: /^4 points/ })).toHaveAttribute('aria-pressed', 'true')
  }
  return count
}

async function raiseFinding(page: Page): Promise<void> {
  await page.getByRole('tab', { name: /Findings/ }).click()
  await page.keyboard.press('f')
  const dialog = page.getByRole('dialog', { name: 'Raise a finding' })
  await dialog.getByLabel('Title').fill(findingTitle)
  await dialog
    .getByLabel('Description')
    .fill(
      'The calibration certificate names the first weighbridge. Show that the second one, used on the last day, is covered too.',
    )
  await dialog.getByRole('button', { name: 'Raise finding' }).click()
  await expect(dialog).toBeHidden()
}

async function stepFinding(page: Page, button: string, label: string, text: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: button }).click()
  await dialog.getByLabel(label).fill(text)
  await dialog.getByRole('button', { name: button }).click()
  await expect(dialog).toBeHidden()
}

/** Through the checklist, the statement and the preview to the signature. */
async function sign(page: Page, log: RoadLog, demo: DemoCloud, email: string): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Sign a certificate' })
  const goOn = dialog.getByRole('button', { name: 'Continue' })
  await log.step(
    'nothing stands in the way',
    () => page,
    async () => {
      await page.keyboard.press('Control+Enter')
      await expect(dialog.getByText('Nothing stands in the way')).toBeVisible()
    },
  )
  await log.step(
    'state the opinion',
    () => page,
    async () => {
      await goOn.click()
      await dialog.getByLabel('Addressee').fill('Autify Network, register of environmental credits')
    },
  )
  await log.step(
    'preview the certificate',
    () => page,
    async () => {
      await goOn.click()
      await expect(dialog.getByRole('document').or(dialog.locator('canvas')).first()).toBeVisible(slow)
      await page.waitForLoadState('networkidle')
    },
  )
  await log.step(
    'unlock the key',
    () => page,
    async () => {
      await goOn.click()
      const key = demo.authority.keys.get(email)
      if (key === undefined) throw new Error(`There is no key of ${email}`)
      await dialog.getByLabel('Signing key file (PKCS#12)').setInputFiles(key.p12Path)
      await dialog.getByLabel('Passphrase of the file').fill(key.passphrase)
      await dialog.getByRole('button', { name: 'Import signing key' }).click()
      await expect(dialog.getByText('A signature is never undone')).toBeVisible()
      await dialog.getByLabel('Passphrase of the signing key').fill(key.passphrase)
    },
  )
  return log.step(
    'sign offline',
    () => page,
    async () => {
      await dialog.getByRole('button', { name: 'Sign certificate' }).click()
      const result = page.getByRole('dialog', { name: 'The certificate is signed' })
      await expect(result).toBeVisible(slow)
      return (await result.getByRole('status').allInnerTexts())[0]?.split(' ')[0] ?? ''
    },
  )
}

async function saveCertificate({ app, page }: Desk, path: string): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath })
  }, path)
  await page.getByRole('dialog').getByRole('button', { name: /Save/ }).click()
  await expect(page.getByText('Copy saved.')).toBeVisible()
}

async function walk(options: WalkOptions, log: RoadLog): Promise<string> {
  const { outDirectory, userData } = options
  let demo = await log.step('start the cloud', null, () => startDemoCloud({ ...options.cloud, reset: true }))
  let desk: Desk | null = null
  try {
    const { batchId, auditorEmail } = demo.answerKey.tour
    const batchHash = demo.answerKey.fullBatches.find((batch) => batch.batchId === batchId)?.batchHash ?? ''
    let current = await log.step('open the window', null, () => openDesk(userData, demo))
    desk = current
    const page = (): Page => current.page
    const host = await current.page.evaluate(async () => {
      const bridge = (
        window as unknown as { veridesk: { invoke(name: string, input: object): Promise<{ value: { host: string } }> } }
      ).veridesk
      return (await bridge.invoke('app.info', {})).value.host
    })
    await log.step('the sign-in screen', page, async () => {
      await expect(page().getByRole('heading', { name: 'Sign in' })).toBeVisible()
    })
    await log.step('sign in and mirror', page, async () => {
      await signIn(page(), auditorEmail)
      await expect(page().getByRole('grid').getByRole('row').nth(1)).toBeVisible(slow)
      // Evidence follows the rows; offline, only what is here can be opened.
      await expect(page().getByText(/^Synced/)).toBeVisible(slow)
    })
    await log.step('cut the network', null, async () => {
      await current.app.close()
      await demo.stop()
    })
    current = await log.step('relaunch offline', null, () => openDesk(userData, demo))
    desk = current
    await log.step('the queue without a network', page, async () => {
      await expect(page().getByRole('grid').getByRole('row').nth(1)).toBeVisible(slow)
      await expect(
        page()
          .getByText(/^(Offline|Cloud not reachable)/)
          .first(),
      ).toBeVisible(slow)
    })
    await log.step('find the batch', page, async () => {
      await page().keyboard.press('/')
      await page().keyboard.type(batchHash)
      await expect(page().getByRole('grid').getByRole('row')).toHaveCount(2, slow)
      await page().keyboard.press('Enter')
    })
    await log.step('open the batch', page, async () => {
      if (!(await page().getByRole('list', { name: 'Evidence files' }).isVisible()))
        await page().keyboard.press('Enter')
      await expect(page().getByRole('list', { name: 'Evidence files' })).toBeVisible(slow)
    })
    const files = await openEveryFile(page(), log)
    log.check('every file of evidence was opened offline', files >= 6, `${files} files`)
    const criteria = await log.step('score every criterion', page, () => scoreEveryCriterion(page()))
    await log.step('raise a finding', page, () => raiseFinding(page()))
    await log.step('record the answer', page, () =>
      stepFinding(
        page(),
        'Record answer',
        'Answer',
        'The second weighbridge has its own certificate, shown on site: K-2207, valid to March.',
      ),
    )
    await log.step('close the finding', page, () =>
      stepFinding(
        page(),
        'Close finding',
        'Why it can be closed',
        'Certificate K-2207 seen, number and date match the tickets.',
      ),
    )
    const number = await sign(page(), log, demo, auditorEmail)
    const certificatePath = join(outDirectory, `${number}.pdf`)
    await log.step('save a copy', page, () => saveCertificate(current, certificatePath))
    await log.step('restore the network', null, async () => {
      demo = await startDemoCloud(options.cloud)
    })
    await log.step('everything is sent', page, async () => {
      await page().getByRole('button', { name: 'Stay on the batch' }).click()
      await page()
        .getByRole('tab', { name: /Certificate/ })
        .click()
      await expect(page().getByText(/All sent/)).toBeVisible({ timeout: 90_000 })
      // The words stand there before too, with "not yet" behind them.
      const certificate = page().getByRole('tabpanel', { name: /Certificate/ })
      await expect(certificate.getByText('Accepted by the cloud')).toBeVisible(slow)
      await expect(certificate.getByText('not yet')).toHaveCount(0, slow)
    })
    await log.step('read back', null, () => readBack(log, demo, { batchId, certificatePath, findingTitle, criteria }))
    return host
  } finally {
    await desk?.app.close().catch(() => {})
    await demo.stop()
  }
}

/** Walks the auditor's road from the first screen to PostgreSQL. Never throws: what went wrong is in the report. */
export async function walkRoad(options: WalkOptions): Promise<RoadReport> {
  rmSync(options.outDirectory, { recursive: true, force: true })
  mkdirSync(options.outDirectory, { recursive: true })
  const log = new RoadLog(options.outDirectory, options.tell)
  try {
    return log.finish(await walk(options, log), null)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    options.tell(reason)
    const programLog = join(options.userData, 'logs', 'worker.log')
    try {
      copyFileSync(programLog, join(options.outDirectory, 'worker.log'))
    } catch {
      // There is no log when the program never started.
    }
    return log.finish('unknown', reason)
  }
}
