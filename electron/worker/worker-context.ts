import type { CaseContext } from '../database/case-context.ts'
import { readSettings } from '../drafts/settings.ts'
import { systemClock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { OpenWorkspace } from '../workspace/open-workspace.ts'

/** What every use case is given, taken from the workspace that is open now. */
export const caseContextOf = (workspace: OpenWorkspace, log: Log): CaseContext => ({
  database: workspace.database,
  clock: systemClock,
  person: workspace.person(),
  deviceId: workspace.deviceId,
  settings: readSettings(workspace.database.read),
  log,
  clockOffsetMilliseconds: workspace.clockOffsetMilliseconds(),
})
