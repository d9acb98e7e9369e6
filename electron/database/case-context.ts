import type { Settings } from '../../shared/contract/views.ts'
import type { DeviceId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { WorkspaceDatabase } from './database.ts'

/** What every use case is given: who acts, where, when, and on what. */
export interface CaseContext {
  readonly database: WorkspaceDatabase
  readonly clock: Clock
  readonly person: Person
  readonly deviceId: DeviceId
  readonly settings: Settings
  readonly log: Log
  /** The cloud's clock minus this computer's as last measured; null before the first handshake. */
  readonly clockOffsetMilliseconds: number | null
}
