import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fail, ok, type Result } from '../../../shared/result.ts'
import { type HostileAnswer, type HostileContent, type HostileRequest, hostileLimits } from './messages.ts'

/** Reads a file in a child process that can be killed. */
export type HostileReader = (request: HostileRequest, bytes: Uint8Array) => Promise<Result<HostileContent>>

/** Where the child's program is, and the caps, which tests make small. */
export interface HostileReaderOptions {
  readonly childPath: string
  readonly limits?: Partial<Record<keyof typeof hostileLimits, number>>
}

const unreadable = (reason: string): Result<never> =>
  fail(
    'file_unreadable',
    'This file cannot be read here.',
    'Save the original and look at it with another program, or raise a clarification with the recycler.',
    { reason },
  )

/** Resident bytes of a process, or null where the system does not tell (other than Linux, or it has ended). */
async function residentBytes(processId: number): Promise<number | null> {
  try {
    const pages = Number((await readFile(`/proc/${processId}/statm`, 'utf8')).split(' ')[1])
    return pages * 4096
  } catch {
    return null
  }
}

/** Kills the child when it grows over the cap; buffers do not count as JavaScript heap, so the heap cap alone is not enough. */
function watchMemory(child: ChildProcess, limit: number, exceeded: () => void): NodeJS.Timeout {
  return setInterval(async () => {
    const bytes = child.pid === undefined ? null : await residentBytes(child.pid)
    if (bytes !== null && bytes > limit) exceeded()
  }, 50)
}

function parseAnswer(output: string): Result<HostileContent> {
  try {
    const answer = JSON.parse(output) as HostileAnswer
    return answer.kind === 'unreadable' ? unreadable(answer.reason) : ok(answer)
  } catch {
    return unreadable('no answer')
  }
}

/**
 * A reader with its caps. Errors: `file_too_large` before anything is started; `file_unreadable` for whatever goes wrong in the
 * child: a parse error, a crash, too much time, memory or output.
 */
export function createHostileReader({ childPath, limits: changed = {} }: HostileReaderOptions): HostileReader {
  const limits = { ...hostileLimits, ...changed }
  return (request, bytes) => {
    if (bytes.byteLength > limits.inputBytes)
      return Promise.resolve(
        fail(
          'file_too_large',
          'This file is too large to be read here.',
          'Save it and look at it with another program.',
          { bytes: bytes.byteLength, limit: limits.inputBytes },
        ),
      )
    return new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        [`--max-old-space-size=${limits.heapMegabytes}`, childPath],
        // The environment is not handed on: nothing in it is the child's business.
        { env: { ELECTRON_RUN_AS_NODE: '1' }, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true },
      )
      const parts: Buffer[] = []
      let received = 0
      const end = (result: Result<HostileContent>): void => {
        clearTimeout(timer)
        clearInterval(memory)
        child.kill('SIGKILL')
        resolve(result)
      }
      const timer = setTimeout(() => end(unreadable('took too long')), limits.milliseconds)
      const memory = watchMemory(child, limits.residentBytes, () => end(unreadable('took too much memory')))
      child.stdout.on('data', (part: Buffer) => {
        received += part.byteLength
        if (received > limits.outputBytes) end(unreadable('answer too large'))
        else parts.push(part)
      })
      child.on('error', (error) => end(unreadable(error.message)))
      child.on('close', (code) =>
        end(
          code === 0
            ? parseAnswer(Buffer.concat(parts).toString('utf8'))
            : unreadable(`ended with ${code ?? 'a signal'}`),
        ),
      )
      // A child that dies early closes its end; the answer then says so, not this stream.
      child.stdin.on('error', () => undefined)
      child.stdin.write(`${JSON.stringify(request)}\n`)
      child.stdin.end(bytes)
    })
  }
}
