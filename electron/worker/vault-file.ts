import type { Sha256 } from '../../shared/domain/ids.ts'
import type { WorkspaceFiles } from '../workspace/workspace-files.ts'
import type { FileBytes } from './open-files.ts'

/** A file of the vault for a viewer. Nothing comes where the file is gone or was altered: the viewer then says so. */
export const vaultFile = (files: WorkspaceFiles, sha256: Sha256, byteSize: number): FileBytes => ({
  byteSize,
  read: async (start, end) => {
    const bytes = await files.readRange(sha256, start, end)
    return bytes.ok ? bytes.value : null
  },
})
