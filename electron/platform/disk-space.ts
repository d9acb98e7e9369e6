import { statfs } from 'node:fs/promises'
import path from 'node:path'

/** Room on a disk, in bytes. */
export interface DiskSpace {
  /** What an ordinary program may still write. */
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Room on the disk that holds a folder, which need not be there yet; null where the system does not say. */
export async function readDiskSpace(directory: string): Promise<DiskSpace | null> {
  for (let folder = path.resolve(directory); ; folder = path.dirname(folder)) {
    try {
      const { bavail, blocks, bsize } = await statfs(folder)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    } catch {
      if (path.dirname(folder) === folder) return null
    }
  }
}
