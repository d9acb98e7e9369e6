import { readFileSync } from 'node:fs'

/**
 * The most memory that this process has held, in MB. What `getrusage` tells begins, on Linux, with what the one who started this
 * process held then.
 * @returns {number}
 */
export function peakMegabytes() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}
