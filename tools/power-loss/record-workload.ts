import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type RecordedStep, readRecording } from './read-recording.ts'
import type { WorkloadOptions } from './workload-marks.ts'

/** A workload that ran to its end, with all that it did to the disk. */
export interface RecordedWorkload {
  /** The folder as the workload left it. */
  readonly root: string
  readonly steps: readonly RecordedStep[]
}

/** Why power cannot be cut on this machine, or null. */
export function whyNotRecordable(): string | null {
  if (process.platform !== 'linux') return 'recording below SQLite needs Linux'
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' })
    return null
  } catch {
    return 'recording below SQLite needs a C compiler named cc'
  }
}

/** Compiles the recorder and runs the workload in a process of its own under it. `folder` takes everything. */
export function recordWorkload(folder: string, options: Omit<WorkloadOptions, 'root' | 'marks'>): RecordedWorkload {
  const root = path.join(folder, 'disk')
  const log = path.join(folder, 'recording')
  const marks = path.join(folder, 'marks')
  const recorder = path.join(folder, 'recorder.so')
  mkdirSync(root)
  execFileSync('cc', [
    '-shared',
    '-fPIC',
    '-O1',
    '-o',
    recorder,
    path.join(import.meta.dirname, 'recorder.c'),
    '-ldl',
    '-lpthread',
  ])
  const workload: WorkloadOptions = { ...options, root, marks }
  const ran = spawnSync(process.execPath, [path.join(import.meta.dirname, 'workload.ts'), JSON.stringify(workload)], {
    encoding: 'utf8',
    env: {
      ...process.env,
      LD_PRELOAD: recorder,
      VERIDESK_POWER_ROOT: root,
      VERIDESK_POWER_LOG: log,
      VERIDESK_POWER_MARKS: marks,
    },
  })
  if (ran.status !== 0) throw new Error(`The workload failed: ${ran.stderr}`)
  return { root, steps: readRecording(readFileSync(log)) }
}
