import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Random } from '../demo-data/random.ts'
import type { RecordedStep } from './read-recording.ts'

/** What of the unsynced the disk happened to keep when the power failed. */
export const losses = ['nothing_unsynced', 'a_beginning', 'some', 'some_torn', 'everything'] as const
export type Loss = (typeof losses)[number]

/** The least that a disk writes whole, in bytes. */
const sectorBytes = 512

type Change =
  | { readonly order: number; readonly offset: number; readonly data: Buffer }
  | { readonly order: number; readonly size: number }

interface DiskFile {
  readonly kind: 'file'
  durable: Buffer
  unsynced: Change[]
}

/** A name that came (or, with null, went). A rename is two of them with one order: both are kept, or neither is. */
interface NameChange {
  readonly order: number
  readonly name: string
  readonly node: DiskNode | null
}

interface DiskFolder {
  readonly kind: 'folder'
  durable: Map<string, DiskNode>
  unsynced: NameChange[]
}

type DiskNode = DiskFile | DiskFolder

/** A disk as the steps so far left it: what is on it for good, and what was written but never synced. */
export interface RecordedDisk {
  readonly apply: (step: RecordedStep) => void
  /** Writes the files into a folder as they would be found after the power failed now. */
  readonly writeAfterPowerLoss: (folder: string, loss: Loss, random: Random) => void
}

const newFile = (): DiskFile => ({ kind: 'file', durable: Buffer.alloc(0), unsynced: [] })
const newFolder = (): DiskFolder => ({ kind: 'folder', durable: new Map(), unsynced: [] })

/**
 * An empty disk below `root`. It promises what POSIX promises and not more: bytes and length of a file are kept from `fsync` on, the
 * names in a folder from the `fsync` of that folder on; anything else is kept or lost by chance, in any order.
 */
export function createRecordedDisk(root: string): RecordedDisk {
  const top = newFolder()
  const files = new Map<bigint, DiskFile>()
  /** Renames of which one side was synced: the other side is kept too. */
  const settled = new Set<number>()
  let order = 0

  const partsOf = (file: string): string[] => path.relative(root, file).split(path.sep).filter(Boolean)
  const folderAt = (parts: readonly string[]): DiskFolder => {
    let folder = top
    for (const part of parts) {
      const next = namesNow(folder).get(part)
      if (next?.kind !== 'folder') throw new Error(`The recording has no folder ${parts.join('/')}`)
      folder = next
    }
    return folder
  }
  const setName = (file: string, node: DiskNode | null, at = order) => {
    const parts = partsOf(file)
    const name = parts.pop() ?? ''
    folderAt(parts).unsynced.push({ order: at, name, node })
  }
  const fileOf = (node: bigint): DiskFile => {
    const file = files.get(node)
    if (file === undefined) throw new Error('The recording writes to a file that it did not see made')
    return file
  }

  return {
    apply(step) {
      order += 1
      switch (step.kind) {
        case 'create': {
          const file = newFile()
          files.set(step.node, file)
          return setName(step.path, file)
        }
        case 'write':
          fileOf(step.node).unsynced.push({ order, offset: step.offset, data: step.data })
          return
        case 'truncate':
          fileOf(step.node).unsynced.push({ order, size: step.size })
          return
        case 'sync': {
          const file = fileOf(step.node)
          file.durable = contentOf(file.durable, file.unsynced)
          file.unsynced = []
          return
        }
        case 'rename': {
          const parts = partsOf(step.path)
          const name = parts.pop() ?? ''
          const node = namesNow(folderAt(parts)).get(name)
          if (node === undefined) throw new Error(`The recording renames ${step.path}, which is not there`)
          setName(step.path, null)
          return setName(step.to, node)
        }
        case 'unlink':
        case 'remove_folder':
          return setName(step.path, null)
        case 'make_folder':
          return setName(step.path, newFolder())
        case 'sync_folder': {
          const folder = folderAt(partsOf(step.path))
          folder.durable = namesNow(folder)
          for (const change of folder.unsynced) settled.add(change.order)
          folder.unsynced = []
          return
        }
        case 'mark':
          return
        default:
          step satisfies never
      }
    },
    writeAfterPowerLoss(target, loss, random) {
      const cut = random.integer(0, order)
      const decided = new Map<number, boolean>()
      const keeps = (at: number): boolean => {
        if (loss === 'everything' || settled.has(at)) return true
        if (loss === 'nothing_unsynced') return false
        if (loss === 'a_beginning') return at <= cut
        const known = decided.get(at) ?? random.chance(0.5)
        decided.set(at, known)
        return known
      }
      const write = (folder: DiskFolder, place: string) => {
        mkdirSync(place, { recursive: true })
        const names = afterChanges(
          folder.durable,
          folder.unsynced.filter((change) => keeps(change.order)),
        )
        for (const [name, node] of names) {
          if (node.kind === 'folder') write(node, path.join(place, name))
          else {
            const kept = node.unsynced.filter((change) => keeps(change.order))
            const found = loss === 'some_torn' ? kept.flatMap((change) => tear(change, random)) : kept
            writeFileSync(path.join(place, name), contentOf(node.durable, found))
          }
        }
      }
      write(top, target)
    },
  }
}

const namesNow = (folder: DiskFolder): Map<string, DiskNode> => afterChanges(folder.durable, folder.unsynced)

function afterChanges(names: ReadonlyMap<string, DiskNode>, changes: readonly NameChange[]): Map<string, DiskNode> {
  const after = new Map(names)
  for (const { name, node } of changes) {
    if (node === null) after.delete(name)
    else after.set(name, node)
  }
  return after
}

function contentOf(before: Buffer, changes: readonly Change[]): Buffer {
  if (changes.length === 0) return before
  let size = before.length
  let largest = size
  for (const change of changes) {
    size = 'size' in change ? change.size : Math.max(size, change.offset + change.data.length)
    largest = Math.max(largest, size)
  }
  const content = Buffer.alloc(largest)
  before.copy(content)
  let length = before.length
  for (const change of changes) {
    if ('size' in change) {
      if (change.size < length) content.fill(0, change.size, length)
      length = change.size
    } else {
      change.data.copy(content, change.offset)
      length = Math.max(length, change.offset + change.data.length)
    }
  }
  return content.subarray(0, length)
}

/** A write of which some sectors reached the disk and others did not. */
function tear(change: Change, random: Random): Change[] {
  if ('size' in change || random.chance(0.5)) return [change]
  const sectors: Change[] = []
  const end = change.offset + change.data.length
  for (let from = change.offset; from < end; ) {
    const to = Math.min(end, (Math.floor(from / sectorBytes) + 1) * sectorBytes)
    const data = change.data.subarray(from - change.offset, to - change.offset)
    if (random.chance(0.5)) sectors.push({ order: change.order, offset: from, data })
    from = to
  }
  return sectors
}
