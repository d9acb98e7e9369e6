import { startThrottlingProxy, type ThrottlingProxy } from '../../electron/sync/testing/throttling-proxy.ts'
import { randomNumbers } from './schedule.ts'

/**
 * A slow way to a cloud: a real proxy that lets bytes through in drops, late and with pauses, but all of them. Slow against what this
 * computer can do, and fast enough for thousands of schedules.
 */
export async function openSlowLink(cloudUrl: string, seed: number): Promise<ThrottlingProxy> {
  const proxy = await startThrottlingProxy(cloudUrl, randomNumbers(seed))
  proxy.condition = {
    bytesPerSecond: 4_000_000,
    jitterMilliseconds: 2,
    stallChance: 0.05,
    stallMilliseconds: 10,
  }
  return proxy
}
