import { readFileSync } from 'node:fs'

/** Names one process so that a later process with the same number is not taken for it. */
export interface Owner {
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat (clock ticks since boot); null where there is no /proc. */
  readonly startTime: string | null
}

const startTimeOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name in parentheses may hold spaces; the fields after it do not.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

/** This process. */
export const thisOwner = (): Owner => ({ pid: process.pid, startTime: startTimeOf(process.pid) })

/** Whether the process that left its name is still running. Text that is no owner counts as gone. */
export function isRunning(text: string): boolean {
  try {
    const owner: Owner = JSON.parse(text)
    process.kill(owner.pid, 0)
    return owner.startTime === null || owner.startTime === startTimeOf(owner.pid)
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
