import { silentLog } from '../../platform/log.ts'
import { createSyncEngine } from '../sync-engine.ts'
import type { SyncEngine, SyncEngineOptions } from '../sync-engine-options.ts'
import type { TestDevice } from './device.ts'

/** The engine of a test's device, which tells nobody and never waits at random unless it is told to. */
export function engineOf(device: TestDevice, changes: Partial<SyncEngineOptions> = {}): SyncEngine {
  return createSyncEngine({
    database: device.database(),
    cloud: device.cloud,
    vault: device.vault,
    clock: device.clock,
    log: silentLog,
    person: device.person,
    device: { deviceId: device.deviceId, deviceName: 'test', programVersion: '0.0.0' },
    settleContext: () => ({ clock: device.clock, person: device.person, deviceId: device.deviceId }),
    onState: () => {},
    onBatchesChanged: () => {},
    onHandshake: () => {},
    onSessionExpired: () => {},
    random: () => 0,
    hasNetwork: () => true,
    ...changes,
  })
}
