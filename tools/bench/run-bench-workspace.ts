import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ElectronApplication, Page } from '@playwright/test'
import { firstReadyWindow, launchApp } from '../../e2e/fixtures/launch.ts'
import type { ChannelName } from '../../shared/contract/channel-names.ts'
import type { BatchIdList, CloudProfile, DemoPerson } from '../../shared/contract/views.ts'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import type { Result } from '../../shared/result.ts'
import { type DemoCloud, startDemoCloud } from '../demo-cloud/start-demo-cloud.ts'

/** The program on this machine's host, and a demo cloud, in a folder that is removed in the end. */
export interface BenchWorkspace {
  readonly userData: string
  readonly environment: Readonly<Record<string, string>>
  readonly cloud: DemoCloud
  /** Starts the program; the window's page has been painted. */
  readonly launch: () => Promise<{ readonly app: ElectronApplication; readonly page: Page }>
  readonly end: () => Promise<void>
}

/** A new demo cloud with so many batches, and an empty folder for the program. */
export async function openBenchWorkspace(batches: number): Promise<BenchWorkspace> {
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-bench-'))
  const cloud = await startDemoCloud({ dataDirectory: join(folder, 'cloud'), batches, durable: false })
  const userData = join(folder, 'data')
  const environment = { ...cloud.environment, VERIDESK_HEADLESS: '1', VERIDESK_USER_DATA: userData }
  return {
    userData,
    environment,
    cloud,
    launch: async () => {
      const app = await launchApp(userData, { environment })
      return { app, page: await firstReadyWindow(app) }
    },
    end: async () => {
      await cloud.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Calls the program as the window does. Throws when it refuses. */
export async function call<Answer>(page: Page, channel: ChannelName, input: unknown = {}): Promise<Answer> {
  const result = await page.evaluate(
    ([name, given]) =>
      (
        window as unknown as { veridesk: { invoke(channel: string, input: unknown): Promise<unknown> } }
      ).veridesk.invoke(name, given),
    [channel, input] as const,
  )
  const answer = result as Result<Answer>
  if (!answer.ok) throw new Error(`${channel}: ${answer.error.code}: ${answer.error.message}`)
  return answer.value
}

/** Signs the first demo person in whose role is named so; resolves when their rows have been mirrored. Files may still be coming. */
export async function signInAndMirror(page: Page, { environment }: BenchWorkspace, roleLabel: string): Promise<void> {
  const { people, ...cloud } = JSON.parse(environment.VERIDESK_DEMO_CLOUD ?? '{}') as CloudProfile & {
    readonly people: readonly DemoPerson[]
  }
  const person = people.find((entry) => entry.roleLabel === roleLabel)
  if (person === undefined) throw new Error(`There is no demo person with the role ${roleLabel}`)
  const { email, password } = person
  await call(page, 'session.signIn', { cloud, email, password, passphrase: null })
  for (;;) {
    const { lastPulledAt, lastError } = await call<SyncState>(page, 'sync.state')
    if (lastPulledAt !== null) return
    if (lastError !== null) throw new Error(`Mirroring failed: ${lastError.code}: ${lastError.message}`)
    await wait(100)
  }
}

/** How many batches the queue would show without a filter. */
export async function countBatches(page: Page): Promise<number> {
  const filter = { text: '', statuses: [], standards: [], assignment: 'all', unsentOnly: false }
  const sort = { by: 'risk', direction: 'descending' }
  return (await call<BatchIdList>(page, 'batch.ids', { filter, sort })).rows.length
}
