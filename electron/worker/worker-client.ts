import type { ChannelName } from '../../shared/contract/channel-names.ts'
import { fail, type Result } from '../../shared/result.ts'
import { startDatabaseThread } from './database-thread.ts'
import { connectPort } from './port-rpc.ts'
import type { MainServices, OpenFile, WorkerData, WorkerServices } from './services.ts'

/** The main process's view of the worker thread that holds the database. */
export interface WorkerClient {
  readonly channel: (channel: ChannelName, input: unknown) => Promise<Result<unknown>>
  readonly describeFile: (token: string) => Promise<OpenFile | null>
  readonly readFile: (token: string, start: number, end: number) => Promise<Uint8Array | null>
  /** Tells that this computer woke from sleep. */
  readonly woke: () => void
  /** Ends the thread; what is committed stays, sync stops after the page it is on. */
  readonly shutdown: () => Promise<void>
}

/** How long an orderly end may take before the thread is stopped; the database survives that too. */
const shutdownMilliseconds = 5_000

/**
 * Starts the worker. `lost` is called when the thread ends without having been asked to: every open call is answered with an error,
 * and nothing can be saved any more until the program is started again.
 */
export function startWorker(
  path: string,
  workerData: WorkerData,
  services: MainServices,
  lost: (reason: string) => void,
): WorkerClient {
  const worker = startDatabaseThread(path, workerData)
  const rpc = connectPort<MainServices, WorkerServices>(worker, services)
  let ending = false
  const gone = (reason: string): void => {
    rpc.close(reason)
    if (!ending) lost(reason)
  }
  worker.on('error', (error) => gone(error instanceof Error ? (error.stack ?? error.message) : String(error)))
  worker.on('exit', (code) => gone(`The database thread ended with code ${code}.`))

  return {
    channel: (channel, input) =>
      rpc
        .call('channel', { channel, input })
        .catch((error: unknown) =>
          fail(
            'internal',
            'Something went wrong inside the program.',
            'Your saved work is safe. Try again; if it happens again, restart Veridesk.',
            { reason: error instanceof Error ? error.message : String(error) },
          ),
        ),
    describeFile: (token) => rpc.call('describeFile', { token }),
    readFile: (token, start, end) => rpc.call('readFile', { token, start, end }),
    woke: () => {
      // A thread that is gone has been told of by `lost`.
      rpc.call('woke', null).catch(() => {})
    },
    shutdown: async () => {
      ending = true
      await Promise.race([
        rpc.call('shutdown', null).catch(() => null),
        new Promise((resolve) => setTimeout(resolve, shutdownMilliseconds).unref()),
      ])
      await worker.terminate()
    },
  }
}
