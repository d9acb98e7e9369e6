import { randomBytes } from 'node:crypto'
import { makeBridge } from './bridge.ts'
import { makeCodec } from './codec.ts'
import { mainWorld } from './main-world.ts'
import { type PreloadNames, preloadWorld } from './preload-world.ts'

/** Name of the isolated world that preloads run in, as Electron names it. */
export const isolatedWorld = 'Electron Isolated Context'

const secret = randomBytes(16).toString('hex')

/** This start's names; nothing in a page can guess them. */
export const names = { secret, binding: `call_${secret}`, receiver: `receive_${secret}` } as const

/** Source for the page's own world. */
export const mainWorldSource = (): string => `(${mainWorld})(${JSON.stringify(secret)}, ${makeBridge})`

/** Source for the isolated world, with the preload's own source inside when there is one. */
export function preloadSource(preload: string | null, chromeVersion: string): string {
  const given: PreloadNames = { ...names, platform: process.platform, chromeVersion }
  const wrapped = preload === null ? 'null' : `function (require, module, exports, process, global) {${preload}\n}`
  return `(${preloadWorld})(${JSON.stringify(given)}, ${makeBridge}, ${makeCodec}, ${wrapped})`
}
