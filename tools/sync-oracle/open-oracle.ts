import type { CloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'
import { takeCloudBackup } from './cloud-backup.ts'
import { mirrorWorkspaces, runSchedule, type ScheduleName, type ScheduleOutcome } from './run-schedule.ts'
import { addOracleClients } from './world.ts'

/** So many schedules leave their rows behind before the cloud is emptied of them: the time of a schedule must not grow with their number. */
const schedulesBetweenCleanings = 10

/** A cloud in which schedules run, one after the other. */
export interface Oracle {
  readonly run: (names: readonly ScheduleName[]) => AsyncGenerator<ScheduleOutcome>
  readonly end: () => Promise<void>
}

/** Makes the people of the schedules in a cloud that has nothing else to do. */
export async function openOracle(cloud: CloudFixture): Promise<Oracle> {
  await addOracleClients(cloud)
  const clean = await takeCloudBackup(cloud)
  let runs = 0
  return {
    async *run(names) {
      for (let first = 0; first < names.length; first += schedulesBetweenCleanings) {
        const group = names.slice(first, first + schedulesBetweenCleanings)
        await clean.restore()
        const workspaces = await mirrorWorkspaces(cloud, Math.max(...group.map(({ clients }) => clients)))
        try {
          for (const name of group) {
            runs += 1
            yield await runSchedule(cloud, workspaces, runs, name)
          }
        } finally {
          for (const workspace of workspaces) workspace.dispose()
        }
      }
    },
    end: () => clean.drop(),
  }
}
