import { createHash, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRunning, thisOwner } from './owner.ts'

/** What a second start tells the first. */
export interface SecondStart {
  readonly argv: string[]
  readonly workingDirectory: string
  readonly data: unknown
}

// A socket's path may have 107 bytes, and a user's data folder may be deeper than that.
const socketFor = (lockFile: string) =>
  join(tmpdir(), `veridesk-host-${createHash('sha256').update(lockFile).digest('hex').slice(0, 20)}.sock`)

const readOwner = (lockFile: string): string => {
  try {
    return readFileSync(lockFile, 'utf8')
  } catch {
    return ''
  }
}

/** Appears complete or not at all: another start never reads half an owner. */
function tryToCreate(lockFile: string): boolean {
  const draft = `${lockFile}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, JSON.stringify(thisOwner()), { mode: 0o600 })
  try {
    linkSync(draft, lockFile)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** One running program per data folder; a lock whose process was killed is taken over. */
export class SingleInstance {
  #lockFile: string | undefined
  #server: Server | undefined
  #told: Promise<void> = Promise.resolve()

  /** Whether this process has the lock. When it has not, the one that has is told of this start. */
  request(folder: string, start: SecondStart, onSecondStart: (start: SecondStart) => void): boolean {
    if (this.#lockFile !== undefined) return true
    mkdirSync(folder, { recursive: true })
    const lockFile = join(folder, 'host.lock')
    if (!tryToCreate(lockFile)) {
      if (isRunning(readOwner(lockFile))) {
        this.#tell(lockFile, start)
        return false
      }
      rmSync(lockFile, { force: true })
      if (!tryToCreate(lockFile)) {
        this.#tell(lockFile, start)
        return false
      }
    }
    this.#lockFile = lockFile
    this.#listen(lockFile, onSecondStart)
    return true
  }

  get isHeld(): boolean {
    return this.#lockFile !== undefined
  }

  /** Resolves when the first program has taken the message, or cannot. */
  get told(): Promise<void> {
    return this.#told
  }

  release(): void {
    if (this.#lockFile === undefined) return
    this.#server?.close()
    rmSync(socketFor(this.#lockFile), { force: true })
    rmSync(this.#lockFile, { force: true })
    this.#lockFile = undefined
  }

  #listen(lockFile: string, onSecondStart: (start: SecondStart) => void): void {
    const socket = socketFor(lockFile)
    rmSync(socket, { force: true })
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      let text = ''
      client.setEncoding('utf8')
      client.on('data', (part: string) => {
        text += part
      })
      client.on('end', () => {
        onSecondStart(JSON.parse(text))
        client.end()
      })
      client.on('error', () => {})
    })
    this.#server.on('error', (error) => console.error('Chromium host: other starts cannot be heard:', error.message))
    this.#server.listen(socket).unref()
  }

  #tell(lockFile: string, start: SecondStart): void {
    this.#told = new Promise((resolve) => {
      const client = connect({ path: socketFor(lockFile), allowHalfOpen: true }, () =>
        client.end(JSON.stringify(start)),
      )
      client.resume()
      client.on('close', () => resolve())
      client.on('error', () => resolve())
      client.setTimeout(2_000, () => client.destroy())
    })
  }
}
