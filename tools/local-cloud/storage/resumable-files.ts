import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

/** What was said when an upload in pieces began. */
const ResumableUpload = z.object({
  bucket: z.string(),
  name: z.string(),
  length: z.int().min(0),
  mediaType: z.string(),
  cacheControl: z.string(),
  userMetadata: z.record(z.string(), z.unknown()).nullable(),
  upsert: z.boolean(),
})
export type ResumableUpload = z.infer<typeof ResumableUpload>

/** Uploads that arrive in pieces: what was said at their beginning, and the bytes so far. They outlive a restart. */
export interface ResumableFiles {
  begin(version: string, upload: ResumableUpload): Promise<void>
  /** Undefined for one that never began, has ended or is too old. */
  find(version: string): Promise<{ readonly upload: ResumableUpload; readonly offset: number } | undefined>
  /** Writes bytes behind those that are there, on the disk when it answers or throws: what arrived before a line went dead is kept. */
  append(version: string, offset: number, body: AsyncIterable<Uint8Array>): Promise<number>
  read(version: string): AsyncIterable<Uint8Array>
  remove(version: string): Promise<void>
}

/** Hours that an upload may take, as on Supabase. */
const LIFE_MS = 24 * 60 * 60 * 1000
const VERSION = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** Opens the uploads below `root`, an absolute path, and removes those that are too old. */
export const openResumableFiles = (root: string): ResumableFiles => {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const bytesOf = (version: string) => path.join(root, version)
  const factsOf = (version: string) => path.join(root, `${version}.json`)
  const isOld = (modified: number) => Date.now() - modified > LIFE_MS
  for (const name of readdirSync(root)) {
    const entry = path.join(root, name)
    if (isOld(statSync(entry).mtimeMs)) rmSync(entry, { force: true })
  }
  return {
    async begin(version, upload) {
      await (await open(bytesOf(version), 'wx', 0o600)).close()
      const partial = `${factsOf(version)}.part`
      const handle = await open(partial, 'wx', 0o600)
      await handle.writeFile(JSON.stringify(upload))
      await handle.sync()
      await handle.close()
      await rename(partial, factsOf(version))
    },
    async find(version) {
      if (!VERSION.test(version)) return undefined
      try {
        const facts = await stat(factsOf(version))
        if (isOld(facts.mtimeMs)) return undefined
        const upload = ResumableUpload.parse(JSON.parse(await readFile(factsOf(version), 'utf8')))
        return { upload, offset: (await stat(bytesOf(version))).size }
      } catch {
        return undefined
      }
    },
    async append(version, offset, body) {
      const handle = await open(bytesOf(version), 'r+')
      let position = offset
      try {
        for await (const chunk of body) {
          await handle.write(chunk, 0, chunk.byteLength, position)
          position += chunk.byteLength
        }
      } finally {
        await handle.sync()
        await handle.close()
      }
      return position
    },
    read: (version) => createReadStream(bytesOf(version)),
    async remove(version) {
      await rm(factsOf(version), { force: true })
      await rm(bytesOf(version), { force: true })
    },
  }
}
