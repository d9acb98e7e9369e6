// The program beside its peers: a process of its own, whose database thread mirrors from the same source and tells the same figures.
import { once } from 'node:events'
import { startDatabaseThread } from '../../electron/worker/database-thread.ts'
import { peakMegabytes } from './peers/peak-memory.mjs'

const [source, rows] = process.argv.slice(2)
// Both are built to JavaScript before.
const thread = startDatabaseThread(new URL('./sync-own-thread.mjs', import.meta.url), { source, count: Number(rows) })
const [outcome] = await once(thread, 'message')
process.send?.('problem' in outcome ? outcome : { ...outcome, peakMegabytes: peakMegabytes() }, () => process.exit(0))
