import { EventEmitter } from 'node:events'
import { NotImplementedError } from './unsupported.ts'

type Listener = (...given: never[]) => void

/** An emitter that refuses a listener for an event which this host never sends: waiting for it would be silent for ever. */
export class HostEmitter extends EventEmitter {
  readonly #name: string
  readonly #events: ReadonlySet<string>

  /** @param events all event names this object sends, or that cannot occur on this host at all (a suspended laptop's lid). */
  constructor(name: string, events: readonly string[]) {
    super()
    this.#name = name
    this.#events = new Set(events)
  }

  #check(event: string | symbol): void {
    if (typeof event === 'string' && !this.#events.has(event) && event !== 'newListener' && event !== 'removeListener')
      throw new NotImplementedError(`the event '${event}' of ${this.#name}`)
  }

  override on(event: string | symbol, listener: Listener): this {
    this.#check(event)
    return super.on(event, listener as (...given: unknown[]) => void)
  }

  override addListener(event: string | symbol, listener: Listener): this {
    return this.on(event, listener)
  }

  override prependListener(event: string | symbol, listener: Listener): this {
    this.#check(event)
    return super.prependListener(event, listener as (...given: unknown[]) => void)
  }
}

/** The first argument of Electron's listeners: fields, and `preventDefault` whose call can be read back. */
export type HostEvent<Fields extends object> = Fields & { preventDefault(): void; readonly defaultPrevented: boolean }

/** Makes the event object for one emission. */
export function hostEvent<Fields extends object>(fields: Fields): HostEvent<Fields> {
  let prevented = false
  const preventDefault = () => {
    prevented = true
  }
  return Object.defineProperties(fields, {
    preventDefault: { value: preventDefault, enumerable: true },
    defaultPrevented: { get: () => prevented, enumerable: true },
  }) as HostEvent<Fields>
}
