import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { WrittenHandover } from '../../shared/contract/handover-views.ts'
import type { CloudProfile } from '../../shared/contract/views.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { readSettings } from '../drafts/settings.ts'
import { createHostileReader } from '../platform/hostile/hostile-reader.ts'
import { silentLog } from '../platform/log.ts'
import type { TestDevice } from '../sync/testing/device.ts'
import { writeOutboxFile } from './write-outbox-file.ts'

/** The child process for files that nobody vouches for, as the program has it. */
export const testReader = createHostileReader({
  childPath: path.join(import.meta.dirname, '../worker/hostile-child.ts'),
})

/** What a use case on a device is given. */
export const caseContext = (device: TestDevice, changes: Partial<CaseContext> = {}): CaseContext => ({
  database: device.database(),
  clock: device.clock,
  person: device.person,
  deviceId: device.deviceId,
  settings: readSettings(device.database().read),
  log: silentLog,
  clockOffsetMilliseconds: null,
  ...changes,
})

/** Writes what a device has not sent to a file in its folder, and reads the bytes of the file where there is one. */
export async function handOver(
  device: TestDevice,
  profile: CloudProfile,
  options: {
    readonly onlyNew?: boolean
    readonly context?: Partial<CaseContext>
    readonly limits?: { readonly bytes: number; readonly changes: number }
  } = {},
): Promise<{ readonly written: Result<WrittenHandover>; readonly bytes: Uint8Array }> {
  const place = path.join(device.folder, 'handed-over.veridesk-outbox')
  const { vault } = device
  const written = await writeOutboxFile(
    caseContext(device, options.context),
    {
      vault,
      profile,
      deviceName: 'Field laptop',
      programVersion: '0.0.0',
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    },
    { onlyNew: options.onlyNew ?? false },
    place,
  )
  return { written, bytes: written.ok ? new Uint8Array(readFileSync(place)) : new Uint8Array(0) }
}

/** Parts of an outbox file, loosely: a test alters them. */
export interface LooseFile {
  content: string
  public_key: string
  signature: string
  attachments: { sha256: string; bytes: string }[]
}

/** Alters an outbox file as somebody with an editor could. */
export function altered(bytes: Uint8Array, change: (file: LooseFile) => void): Uint8Array {
  const file = JSON.parse(Buffer.from(bytes).toString('utf8')) as LooseFile
  change(file)
  return new Uint8Array(Buffer.from(JSON.stringify(file)))
}
