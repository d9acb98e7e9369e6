import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'

/** One step of the road: what was done, how long it took, and the picture of the window after it. */
export interface RoadStep {
  readonly name: string
  readonly milliseconds: number
  /** File name below the output folder; null for a step without a window. */
  readonly screenshot: string | null
}

/** One thing that must hold at the end. */
export interface RoadCheck {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** What a walk came to. */
export interface RoadReport {
  readonly startedAt: string
  readonly host: string
  readonly steps: readonly RoadStep[]
  readonly checks: readonly RoadCheck[]
  /** True only when every step was taken and every check holds. */
  readonly ok: boolean
  /** Why the walk ended early; null when it did not. */
  readonly stoppedBy: string | null
}

/** Takes the time and a picture of each step, and keeps what was checked. */
export class RoadLog {
  readonly #directory: string
  readonly #startedAt = new Date().toISOString()
  readonly #steps: RoadStep[] = []
  readonly #checks: RoadCheck[] = []
  readonly #tell: (line: string) => void

  constructor(directory: string, tell: (line: string) => void) {
    this.#directory = directory
    this.#tell = tell
    mkdirSync(directory, { recursive: true })
  }

  /** Does one step and, where a page is given, takes a picture of it afterwards. */
  async step<Value>(name: string, page: (() => Page) | null, work: () => Promise<Value>): Promise<Value> {
    const started = performance.now()
    const value = await this.#attempt(page, work)
    const milliseconds = Math.round(performance.now() - started)
    let screenshot: string | null = null
    if (page !== null) {
      screenshot = `${String(this.#steps.length + 1).padStart(2, '0')}-${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.png`
      await page().screenshot({ path: join(this.#directory, screenshot) })
    }
    this.#steps.push({ name, milliseconds, screenshot })
    this.#tell(`${name} (${milliseconds} ms)`)
    return value
  }

  /** Takes a picture of the window that a step failed in. */
  async #attempt<Value>(page: (() => Page) | null, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work()
    } catch (error) {
      await page?.()
        .screenshot({ path: join(this.#directory, 'failed.png') })
        .catch(() => undefined)
      throw error
    }
  }

  /** Notes whether something holds. */
  check(name: string, ok: boolean, detail: string): void {
    this.#checks.push({ name, ok, detail })
    this.#tell(`${ok ? 'holds' : 'FAILS'}: ${name}${ok ? '' : ` (${detail})`}`)
  }

  /** Writes `report.json` and gives the report. */
  finish(host: string, stoppedBy: string | null): RoadReport {
    const report: RoadReport = {
      startedAt: this.#startedAt,
      host,
      steps: this.#steps,
      checks: this.#checks,
      ok: stoppedBy === null && this.#checks.length > 0 && this.#checks.every(({ ok }) => ok),
      stoppedBy,
    }
    writeFileSync(join(this.#directory, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
    return report
  }
}
