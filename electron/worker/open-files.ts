import { randomBytes } from 'node:crypto'
import type { OpenFile } from './services.ts'

/** Bytes that a viewer may read: of a file in the vault, or made in memory (a certificate's preview). */
export interface FileBytes {
  readonly byteSize: number
  /** Bytes `start` up to but not including `end`; null when they cannot be read any more. */
  readonly read: (start: number, end: number) => Promise<Uint8Array | null>
}

/** Files that were opened for the viewers, by token. */
export interface OpenFiles {
  /** Hands out an address below the window's origin. The same key gets the same token as long as it stays open. */
  readonly open: (key: string, file: Omit<OpenFile, 'byteSize'>, bytes: FileBytes) => { readonly url: string }
  readonly describe: (token: string) => OpenFile | null
  readonly read: (token: string, start: number, end: number) => Promise<Uint8Array | null>
  /** Forgets every file, at sign-out. */
  readonly closeAll: () => void
}

/** How many stay open; the one that was opened longest ago is closed first, and its viewer opens it again. */
const openLimit = 200

/** A new, empty set. Tokens are random, so that a page cannot guess its way to a file that nobody opened. */
export function createOpenFiles(): OpenFiles {
  const byToken = new Map<string, { readonly key: string; readonly file: OpenFile; readonly bytes: FileBytes }>()
  const tokens = new Map<string, string>()
  const close = (token: string): void => {
    const entry = byToken.get(token)
    byToken.delete(token)
    if (entry !== undefined) tokens.delete(entry.key)
  }
  return {
    open: (key, file, bytes) => {
      const token = tokens.get(key) ?? randomBytes(16).toString('hex')
      byToken.delete(token)
      byToken.set(token, { key, file: { ...file, byteSize: bytes.byteSize }, bytes })
      tokens.set(key, token)
      const oldest = byToken.keys().next().value
      if (byToken.size > openLimit && oldest !== undefined) close(oldest)
      return { url: `evidence/${token}` }
    },
    describe: (token) => byToken.get(token)?.file ?? null,
    read: async (token, start, end) => (await byToken.get(token)?.bytes.read(start, end)) ?? null,
    closeAll: () => {
      byToken.clear()
      tokens.clear()
    },
  }
}

/** Bytes in memory as a file. */
export const bytesInMemory = (bytes: Uint8Array): FileBytes => ({
  byteSize: bytes.byteLength,
  read: async (start, end) => bytes.slice(start, end),
})
