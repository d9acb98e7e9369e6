import { Worker } from 'node:worker_threads'

/**
 * Megabytes for young objects: V8 keeps two halves and as much again for large ones, so a half is a third of this. Left to itself it
 * lets the halves grow with every page of a first mirror, whose rows are garbage as soon as they are written: 100,000 batches then
 * took 286 to 323 MB of the process in place of 197 to 214, and as long.
 */
const maxYoungGenerationSizeMb = 6

/** Starts the thread that holds the database, within the bounds of the program. */
export const startDatabaseThread = (path: string | URL, workerData: unknown): Worker =>
  new Worker(path, { workerData, name: 'veridesk-database', resourceLimits: { maxYoungGenerationSizeMb } })
