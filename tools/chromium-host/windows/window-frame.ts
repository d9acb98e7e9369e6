import { EventEmitter } from 'node:events'
import type { Protocol } from 'devtools-protocol/types/protocol.d.ts'
import type * as Electron from 'electron'
import { connection } from '../browser.ts'
import type { Page } from './page.ts'

type State = NonNullable<Protocol.Browser.Bounds['windowState']>

interface Happenings {
  changed: [before: State, now: State]
  resized: []
}

/** Place, size and state of a window on the screen: what Electron answers at once, kept from what Chromium said last. */
export class WindowFrame extends EventEmitter<Happenings> {
  #bounds: Electron.Rectangle
  #state: State = 'normal'
  #windowId: number | undefined
  #turn: Promise<void>
  readonly #page: Page

  constructor(page: Page, wanted: Partial<Electron.Rectangle>) {
    super()
    this.#page = page
    this.#bounds = { x: wanted.x ?? 0, y: wanted.y ?? 0, width: wanted.width ?? 800, height: wanted.height ?? 600 }
    const place = wanted.x === undefined || wanted.y === undefined ? {} : { left: wanted.x, top: wanted.y }
    this.#turn = page.ready.then(() =>
      this.#apply({ ...place, width: this.#bounds.width, height: this.#bounds.height }),
    )
    this.#turn.catch(() => {})
  }

  get bounds(): Electron.Rectangle {
    return { ...this.#bounds }
  }

  get state(): State {
    return this.#state
  }

  /** Resolves when everything asked for so far is done. */
  get settled(): Promise<void> {
    return this.#turn
  }

  /** Moves and sizes the window. */
  setBounds(wanted: Partial<Electron.Rectangle>): void {
    const { x, y, width, height } = wanted
    this.#bounds = { ...this.#bounds, ...wanted }
    this.#next(async () => {
      if (this.#state !== 'normal') await this.#apply({ windowState: 'normal' })
      await this.#apply({
        ...(x === undefined ? {} : { left: x }),
        ...(y === undefined ? {} : { top: y }),
        ...(width === undefined ? {} : { width }),
        ...(height === undefined ? {} : { height }),
      })
    })
  }

  /** Maximizes, minimizes, fills the screen, or returns to normal. */
  setState(windowState: State): void {
    this.#next(async () => {
      // Chromium goes from one special state to another only by way of the normal one.
      if (this.#state !== 'normal' && windowState !== 'normal') await this.#apply({ windowState: 'normal' })
      await this.#apply({ windowState })
    })
  }

  /** Puts the window in front and gives it the keyboard. */
  focus(): void {
    this.#next(async () => {
      if (this.#state === 'minimized') await this.#apply({ windowState: 'normal' })
      await this.#page.session.send('Page.bringToFront')
    })
  }

  /** Asks Chromium anew: the person may have moved the window. */
  async refresh(): Promise<void> {
    if (this.#page.isClosed) return
    const { windowId, bounds } = await connection.send('Browser.getWindowForTarget', { targetId: this.#page.targetId })
    this.#windowId = windowId
    const before = this.#state
    const old = this.#bounds
    this.#state = bounds.windowState ?? 'normal'
    if (this.#state === 'normal')
      this.#bounds = {
        x: bounds.left ?? old.x,
        y: bounds.top ?? old.y,
        width: bounds.width ?? old.width,
        height: bounds.height ?? old.height,
      }
    if (before !== this.#state) this.emit('changed', before, this.#state)
    if (old.width !== this.#bounds.width || old.height !== this.#bounds.height) this.emit('resized')
  }

  #next(step: () => Promise<void>): void {
    this.#turn = this.#turn.then(step).catch((error: unknown) => {
      if (!this.#page.isClosed) console.error('Chromium host: the window could not be changed:', error)
    })
  }

  async #apply(bounds: Protocol.Browser.Bounds): Promise<void> {
    if (this.#windowId === undefined) await this.refresh()
    if (this.#windowId === undefined) return
    await connection.send('Browser.setWindowBounds', { windowId: this.#windowId, bounds })
    await this.refresh()
  }
}
