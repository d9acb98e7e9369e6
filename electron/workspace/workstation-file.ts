import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { CloudProfile } from '../../shared/contract/views.ts'
import type { DeviceId } from '../../shared/domain/ids.ts'
import { newId } from '../platform/identifiers.ts'
import { writeFileSafely } from './write-file-safely.ts'

const profile = z.object({
  name: z.string(),
  url: z.string(),
  publishableKey: z.string(),
  source: z.enum(['demo', 'entered', 'organization_file', 'managed']),
})

const schema = z.object({
  version: z.literal(1),
  deviceId: z.guid(),
  /** Clouds that somebody signed in to from here. */
  clouds: z.array(profile),
  /** Whose workspace opens at the next start. */
  lastWorkspace: z.object({ folder: z.string().regex(/^[0-9a-f]{16}$/), email: z.string(), cloud: profile }).nullable(),
  lastCloudUrl: z.string().nullable(),
  lastEmail: z.string().nullable(),
})

/** What this computer remembers between starts, apart from any workspace. Holds no secret. */
export interface WorkstationMemory {
  readonly version: 1
  readonly deviceId: DeviceId
  readonly clouds: readonly CloudProfile[]
  readonly lastWorkspace: { readonly folder: string; readonly email: string; readonly cloud: CloudProfile } | null
  readonly lastCloudUrl: string | null
  readonly lastEmail: string | null
}

const fileOf = (userDataDirectory: string): string => path.join(userDataDirectory, 'workstation.json')

/** Reads `workstation.json`. One that is not there or not readable begins anew: workspaces are found again by signing in. */
export function readWorkstationFile(userDataDirectory: string): WorkstationMemory {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(fileOf(userDataDirectory), 'utf8')))
    if (parsed.success) return { ...parsed.data, deviceId: parsed.data.deviceId as string as DeviceId }
  } catch {
    // Not there, or cut off in the middle by an older program: the same as new.
  }
  const fresh: WorkstationMemory = {
    version: 1,
    deviceId: newId<DeviceId>(),
    clouds: [],
    lastWorkspace: null,
    lastCloudUrl: null,
    lastEmail: null,
  }
  writeWorkstationFile(userDataDirectory, fresh)
  return fresh
}

/** Writes `workstation.json`. */
export function writeWorkstationFile(userDataDirectory: string, memory: WorkstationMemory): void {
  writeFileSafely(fileOf(userDataDirectory), `${JSON.stringify(memory, null, 2)}\n`)
}
