import type { EventName } from '../../shared/contract/channel-names.ts'
import type { Events } from '../../shared/contract/channels.ts'
import { fail, type Result } from '../../shared/result.ts'
import type { CertificateFonts } from '../certificates/document/certificate-fonts.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { HostileReader } from '../platform/hostile/hostile-reader.ts'
import type { Log } from '../platform/log.ts'
import type { OpenWorkspace } from '../workspace/open-workspace.ts'
import type { Workstation } from '../workspace/workstation.ts'
import type { OpenFiles } from './open-files.ts'
import type { Remote } from './port-rpc.ts'
import type { MainServices, WorkerData } from './services.ts'
import { caseContextOf } from './worker-context.ts'

/** Everything that the channel handlers are wired from. */
export interface WorkerParts {
  readonly data: WorkerData
  readonly main: Remote<MainServices>
  readonly log: Log
  readonly workstation: Workstation
  readonly openFiles: OpenFiles
  readonly hostileReader: HostileReader
  /** Read once, when the first certificate is made. */
  readonly fonts: () => Promise<CertificateFonts>
  readonly fontsDirectory: string
  readonly announce: <Name extends EventName>(event: Name, payload: Events[Name]) => void
}

const notSignedIn = fail('not_signed_in', 'Nobody is signed in.', 'Sign in first.')

/** Runs a use case in the open workspace; `not_signed_in` where there is none. */
export const inWorkspace =
  (parts: WorkerParts) =>
  async <Value>(
    work: (context: CaseContext, workspace: OpenWorkspace) => Result<Value> | Promise<Result<Value>>,
  ): Promise<Result<Value>> => {
    const workspace = parts.workstation.current()
    return workspace === null ? notSignedIn : work(caseContextOf(workspace, parts.log), workspace)
  }

/** Tells the window and the sync engine of a local change that was committed. */
export function afterChange(parts: WorkerParts, workspace: OpenWorkspace, batchIds: readonly string[] | null): void {
  workspace.engine.outboxChanged()
  parts.announce('batches.changed', { batchIds })
}
