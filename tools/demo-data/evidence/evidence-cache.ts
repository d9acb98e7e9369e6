import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { makeEvidence } from './make-evidence.ts'
import type { EvidenceRecipe } from './recipes.ts'

/** Raised whenever a generator draws differently, so that files of an older one are not taken for its own. */
const GENERATOR_REVISION = 1

const SHA_256 = /^[0-9a-f]{64}$/

const keyOf = (recipe: EvidenceRecipe): string =>
  createHash('sha256')
    .update(`${GENERATOR_REVISION}\n${JSON.stringify(recipe)}`)
    .digest('hex')

const fileOf = (directory: string, key: string): string => path.join(directory, key.slice(0, 2), key)

/** A kept file begins with the SHA-256 of the rest; one that was damaged is made again. */
const readKept = (file: string): Uint8Array | null => {
  if (!existsSync(file)) return null
  const kept = readFileSync(file)
  const digest = kept.subarray(0, 64).toString('latin1')
  const bytes = kept.subarray(64)
  return SHA_256.test(digest) && createHash('sha256').update(bytes).digest('hex') === digest ? bytes : null
}

const keep = (file: string, bytes: Uint8Array): void => {
  mkdirSync(path.dirname(file), { recursive: true })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, Buffer.concat([Buffer.from(createHash('sha256').update(bytes).digest('hex')), bytes]))
  renameSync(unfinished, file)
}

/** Work that takes long enough to be shared among threads. */
const isHeavy = (recipe: EvidenceRecipe): boolean => recipe.make === 'photo' || recipe.make === 'scanned_log'

const makeInThreads = async (
  recipes: readonly EvidenceRecipe[],
  finished: (index: number, bytes: Uint8Array) => void,
): Promise<void> => {
  let next = 0
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./evidence-worker.ts', import.meta.url))
    const failed = new Promise<never>((_resolve, reject) => worker.once('error', reject))
    failed.catch(() => {})
    try {
      while (next < recipes.length) {
        const index = next
        next += 1
        const answered = new Promise<Uint8Array>((resolve) => worker.once('message', resolve))
        worker.postMessage(recipes[index])
        finished(index, await Promise.race([answered, failed]))
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4, recipes.length) }, work))
}

/**
 * Makes the files of all recipes, in their order. With a `directory`, files are kept there by recipe and taken from there
 * the next time.
 */
export const makeAllEvidence = async (
  recipes: readonly EvidenceRecipe[],
  directory: string | null,
): Promise<readonly Uint8Array[]> => {
  const keys = recipes.map(keyOf)
  const made = new Map<string, Uint8Array>()
  const missing = new Map<string, EvidenceRecipe>()
  for (const [index, recipe] of recipes.entries()) {
    const key = keys[index] ?? ''
    const kept = directory === null || made.has(key) ? null : readKept(fileOf(directory, key))
    if (kept !== null) made.set(key, kept)
    else if (!made.has(key)) missing.set(key, recipe)
  }
  const settle = (key: string, bytes: Uint8Array): void => {
    made.set(key, bytes)
    if (directory !== null) keep(fileOf(directory, key), bytes)
  }
  const heavy = [...missing].filter(([, recipe]) => isHeavy(recipe))
  const threads = makeInThreads(
    heavy.map(([, recipe]) => recipe),
    (index, bytes) => settle(heavy[index]?.[0] ?? '', bytes),
  )
  const light = async (): Promise<void> => {
    for (const [key, recipe] of missing) if (!isHeavy(recipe)) settle(key, await makeEvidence(recipe))
  }
  await Promise.all([threads, light()])
  return keys.map((key) => {
    const bytes = made.get(key)
    if (bytes === undefined) throw new RangeError('every recipe was made')
    return bytes
  })
}
