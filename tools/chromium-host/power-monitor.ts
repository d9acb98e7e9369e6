import type * as Electron from 'electron'
import { HostEmitter } from './host-emitter.ts'
import { refuseMissingMembers } from './unsupported.ts'

/** None of these is known without a desktop: they never happen here, and a test emits them itself. */
const events = [
  'lock-screen',
  'on-ac',
  'on-battery',
  'resume',
  'shutdown',
  'speed-limit-change',
  'suspend',
  'thermal-state-change',
  'unlock-screen',
  'user-did-become-active',
  'user-did-resign-active',
]

class PowerMonitor
  extends HostEmitter
  implements Pick<Electron.PowerMonitor, 'isOnBatteryPower' | 'getSystemIdleState'>
{
  constructor() {
    super('powerMonitor', events)
  }

  isOnBatteryPower(): boolean {
    return false
  }

  /** As on a desktop that does not tell. */
  getSystemIdleState(): 'unknown' {
    return 'unknown'
  }
}
refuseMissingMembers('powerMonitor', PowerMonitor)

/** Stands for Electron's `powerMonitor`. */
export const powerMonitor = new PowerMonitor()
