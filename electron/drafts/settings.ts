import { channels } from '../../shared/contract/channels.ts'
import type { Settings } from '../../shared/contract/views.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading, transact } from '../database/database.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'

/** Settings until somebody changes them. */
export const defaultSettings: Settings = { theme: 'system', holdSeconds: 30, singleLetterKeys: true, density: 32 }

/** The settings of this workspace. One that is missing or was never valid has its default. */
export const getSettings = ({ database }: Pick<CaseContext, 'database'>): Result<Settings> =>
  reading(() => readSettings(database.read))

/** The same for the context of a use case, before there is one. */
export function readSettings(read: ReadHandle): Settings {
  const rows = read.all(queryBuilder.selectFrom('setting').selectAll())
  const kept = Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]))
  const schema = channels['settings.set'].request
  const whole = schema.safeParse({ ...defaultSettings, ...pick(kept) })
  return whole.success ? whole.data : defaultSettings
}

const pick = (kept: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(kept).filter(([key]) => Object.hasOwn(defaultSettings, key)))

/** Replaces the settings and answers with them as they are kept. */
export function setSettings({ database }: Pick<CaseContext, 'database'>, settings: Settings): Result<Settings> {
  return transact(database, (handle) => {
    for (const [key, value] of Object.entries(settings)) {
      const text = JSON.stringify(value)
      handle.run(
        queryBuilder
          .insertInto('setting')
          .values({ key, value: text })
          .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text })),
      )
    }
    return ok(settings)
  })
}
