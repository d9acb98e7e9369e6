import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, readFileSync } from 'node:fs'

/** The operating system account that PostgreSQL runs under, where it cannot be our own. */
export interface ServerAccount {
  readonly uid: number
  readonly gid: number
}

/** `nobody` on nearly every Linux distribution. */
const NOBODY: ServerAccount = { uid: 65534, gid: 65534 }

/** Accounts without rights that systems come with, the better one first; macOS has a `nobody` with a negative number. */
const CANDIDATES = ['nobody', 'daemon']

/** PostgreSQL runs only under an account that the system knows by name. */
const findAccount = (): ServerAccount => {
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
  for (const name of CANDIDATES) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':')
    const uid = Number(fields?.[2])
    const gid = Number(fields?.[3])
    if (uid > 0 && gid > 0) return { uid, gid }
  }
  return NOBODY
}

/** PostgreSQL refuses to run as root, so root lends it another account; everyone else runs it as themselves. */
export const serverAccount = (): ServerAccount | undefined =>
  process.platform !== 'win32' && process.getuid?.() === 0 ? findAccount() : undefined

/** Options that make `spawn` run a child under the account. */
export const spawnAs = (account: ServerAccount | undefined): { uid?: number; gid?: number } =>
  account === undefined ? {} : { uid: account.uid, gid: account.gid }

/** Gives a file or folder to the account. */
export const giveTo = (account: ServerAccount | undefined, target: string): void => {
  if (account !== undefined) chownSync(target, account.uid, account.gid)
}

/**
 * Whether the account can enter a folder. Asked of the kernel by trying, since mode bits alone leave out access lists
 * and mount options. Throws when the account cannot be used at all, as in a container with a single user.
 */
export const canEnter = (account: ServerAccount | undefined, directory: string): boolean => {
  if (account === undefined) return true
  const attempt = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], {
    cwd: '/',
    stdio: 'ignore',
    ...spawnAs(account),
  })
  if (attempt.error !== undefined) {
    throw new Error(
      `PostgreSQL refuses to run as root, and this environment cannot run it as user ${account.uid} (${attempt.error.message}). ` +
        'Start as an ordinary user, or set DATABASE_URL to another PostgreSQL.',
    )
  }
  return attempt.status === 0
}
