import type * as Electron from 'electron'
import { HostEmitter } from './host-emitter.ts'
import { refuseMissingMembers } from './unsupported.ts'

type Source = Electron.NativeTheme['themeSource']

class NativeTheme
  extends HostEmitter
  implements Pick<Electron.NativeTheme, 'themeSource' | 'shouldUseDarkColors' | 'shouldUseHighContrastColors'>
{
  #source: Source = 'system'
  /** The host asks no desktop for its taste. */
  readonly shouldUseHighContrastColors = false

  constructor() {
    super('nativeTheme', ['updated'])
  }

  get themeSource(): Source {
    return this.#source
  }

  set themeSource(source: Source) {
    if (source !== 'system' && source !== 'light' && source !== 'dark') throw new Error(`Unknown theme '${source}'`)
    if (source === this.#source) return
    this.#source = source
    this.emit('updated')
  }

  /** The host's system theme is light. */
  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark'
  }
}
refuseMissingMembers('nativeTheme', NativeTheme)

/** Stands for Electron's `nativeTheme`; each window follows its `updated`. */
export const nativeTheme = new NativeTheme()
