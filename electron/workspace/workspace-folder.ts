import path from 'node:path'
import type { CloudProfile } from '../../shared/contract/views.ts'
import { sha256Hex } from '../platform/identifiers.ts'

/** Where the parts of one workspace lie. */
export interface WorkspaceFolder {
  readonly name: string
  readonly directory: string
  readonly database: string
  readonly key: string
  readonly vault: string
  readonly backups: string
}

/**
 * The name of the workspace of a person at a cloud: a part of a hash, so that neither can be read from the disk. The demo cloud is
 * one and the same wherever it happens to listen.
 */
export function workspaceName(cloud: CloudProfile, personId: string): string {
  const place = cloud.source === 'demo' ? 'demo' : new URL(cloud.url).href
  return sha256Hex(`${place} ${personId}`).slice(0, 16)
}

/** The places of a workspace. */
export function workspaceFolder(userDataDirectory: string, name: string): WorkspaceFolder {
  const directory = path.join(userDataDirectory, 'workspaces', name)
  return {
    name,
    directory,
    database: path.join(directory, 'workspace.db'),
    key: path.join(directory, 'key.json'),
    vault: path.join(directory, 'vault'),
    backups: path.join(directory, 'backups'),
  }
}
