import type { AsyncSecretStore } from '../../electron/workspace/secret-store.ts'
import { type WorkspaceFolder, workspaceFolder } from '../../electron/workspace/workspace-folder.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'

/** What the workload is told. */
export interface WorkloadOptions {
  readonly root: string
  readonly marks: string
  readonly rounds: number
  /** With `synchronous = OFF`: loses decisions. */
  readonly carelessDatabase: boolean
  /** Syncs no file: loses evidence that is marked present. */
  readonly carelessVault: boolean
  /** Ends with a damaged database that is saved aside and put back. */
  readonly damaged: boolean
}

/** What the workload was told is done: from then on no power loss may take it back. */
export type Mark =
  | { readonly kind: 'opened' | 'ended' | 'saved_aside' | 'put_back' }
  | { readonly kind: 'decided'; readonly mutationIds: readonly string[] }
  | { readonly kind: 'kept'; readonly sha256: Sha256 }

/** Where the workspace lies below the root of a disk. */
export const powerLossFolder = (root: string): WorkspaceFolder => workspaceFolder(root, 'power-loss')

/** A keychain that seals nothing: what is tested is whether the file with the key is there. */
export const plainStore: AsyncSecretStore = {
  available: async () => true,
  encrypt: async (text) => Buffer.from(text),
  decrypt: async (bytes) => Buffer.from(bytes).toString(),
}
