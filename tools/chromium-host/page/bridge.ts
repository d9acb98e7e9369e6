/** One side of the road between the page's own scripts and the preload. */
export interface Bridge {
  /** Shows a value to the other world under a name. */
  expose(name: string, value: unknown): void
  /** Called with each value the other world shows. */
  onExpose(handler: (name: string, value: unknown) => void): void
}

/** A value on its way between worlds: as it is, or in pieces because a function, promise or error is in it. */
type Travelling =
  | { readonly plain: unknown }
  | { readonly list: readonly Travelling[] }
  | { readonly record: Readonly<Record<string, Travelling>> }
  | { readonly callable: number }
  | { readonly promise: number }
  | { readonly error: TravellingError }
type TravellingError = { readonly name: string; readonly message: string } | { readonly thrown: Travelling }
type Answer = { readonly value: Travelling } | { readonly error: TravellingError }
type Message =
  | { readonly kind: 'call'; readonly target: number; readonly given: readonly Travelling[] }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'settle'; readonly promise: number; readonly answer: Answer }
  | { readonly kind: 'expose'; readonly name: string; readonly value: Travelling }

/**
 * Joins two JavaScript worlds of one document by synchronous events with a secret name: Chromium clones an event's `detail`
 * from world to world, so neither ever holds an object of the other's. Self-contained: it is sent to the page as text.
 * @param own letter of this side, `peer` of the other.
 */
export function makeBridge(secret: string, own: string, peer: string): Bridge {
  const MessageEvent = CustomEvent
  const listen = window.addEventListener.bind(window)
  const dispatch = window.dispatchEvent.bind(window)
  // Taken before any script of the page runs: a page that replaces the getter must not see the events.
  const detailGetter = Object.getOwnPropertyDescriptor(CustomEvent.prototype, 'detail')?.get
  const detailOf = Function.prototype.call.bind(detailGetter as () => unknown) as (event: Event) => Message
  const { getPrototypeOf, keys, prototype: plainPrototype } = Object

  const functions: ((...given: unknown[]) => unknown)[] = []
  const numbers = new WeakMap<object, number>()
  const settlers = new Map<number, { resolve(value: unknown): void; reject(reason: unknown): void }>()
  let lastPromise = 0
  let answered: Answer | undefined
  let exposed: ((name: string, value: unknown) => void) | undefined

  const send = (message: Message) => void dispatch(new MessageEvent(secret + peer, { detail: message }))
  const isRecord = (value: object) => getPrototypeOf(value) === plainPrototype || getPrototypeOf(value) === null
  const isThenable = (value: object): value is PromiseLike<unknown> =>
    'then' in value && typeof (value as { then: unknown }).then === 'function'

  /** Whether cloning alone would lose something. */
  const needsPieces = (value: unknown): boolean => {
    if (typeof value === 'function' || typeof value === 'symbol') return true
    if (value === null || typeof value !== 'object') return false
    if (value instanceof Error || isThenable(value)) return true
    if (Array.isArray(value)) return value.some(needsPieces)
    return isRecord(value) && keys(value).some((key) => needsPieces((value as Record<string, unknown>)[key]))
  }
  const pack = (value: unknown): Travelling => {
    if (!needsPieces(value)) return { plain: value }
    if (typeof value === 'function') {
      let number = numbers.get(value)
      if (number === undefined) {
        number = functions.push(value as (...given: unknown[]) => unknown) - 1
        numbers.set(value, number)
      }
      return { callable: number }
    }
    if (typeof value === 'symbol') throw new Error('A symbol cannot cross the context bridge')
    if (value instanceof Error) return { error: { name: value.name, message: value.message } }
    if (Array.isArray(value)) return { list: value.map(pack) }
    if (isThenable(value as object)) {
      const number = ++lastPromise
      ;(value as PromiseLike<unknown>).then(
        (settled) => send({ kind: 'settle', promise: number, answer: { value: pack(settled) } }),
        (reason: unknown) => send({ kind: 'settle', promise: number, answer: { error: packError(reason) } }),
      )
      return { promise: number }
    }
    const pieces: Record<string, Travelling> = {}
    for (const key of keys(value as object)) pieces[key] = pack((value as Record<string, unknown>)[key])
    return { record: pieces }
  }
  const packError = (reason: unknown): TravellingError =>
    reason instanceof Error ? { name: reason.name, message: reason.message } : { thrown: pack(reason) }

  const unpackError = (error: TravellingError): unknown => {
    if ('thrown' in error) return unpack(error.thrown)
    const built = new Error(error.message)
    if (error.name !== 'Error') built.name = error.name
    return built
  }
  const unpack = (travelling: Travelling): unknown => {
    if ('plain' in travelling) return travelling.plain
    if ('list' in travelling) return travelling.list.map(unpack)
    if ('error' in travelling) return unpackError(travelling.error)
    if ('promise' in travelling)
      return new Promise((resolve, reject) => settlers.set(travelling.promise, { resolve, reject }))
    if ('callable' in travelling) {
      const target = travelling.callable
      return (...given: unknown[]) => {
        answered = undefined
        send({ kind: 'call', target, given: given.map(pack) })
        const answer = answered as Answer | undefined
        answered = undefined
        if (!answer) throw new Error('The other world did not answer')
        if ('error' in answer) throw unpackError(answer.error)
        return unpack(answer.value)
      }
    }
    const built: Record<string, unknown> = {}
    for (const key of keys(travelling.record)) built[key] = unpack(travelling.record[key] as Travelling)
    return built
  }

  listen(secret + own, (event) => {
    const message = detailOf(event)
    switch (message.kind) {
      case 'call': {
        let answer: Answer
        try {
          answer = { value: pack(functions[message.target]?.(...message.given.map(unpack))) }
        } catch (error) {
          answer = { error: packError(error) }
        }
        send({ kind: 'answer', answer })
        break
      }
      case 'answer':
        answered = message.answer
        break
      case 'settle': {
        const settler = settlers.get(message.promise)
        settlers.delete(message.promise)
        if ('error' in message.answer) settler?.reject(unpackError(message.answer.error))
        else settler?.resolve(unpack(message.answer.value))
        break
      }
      case 'expose':
        exposed?.(message.name, unpack(message.value))
        break
    }
  })
  return {
    expose: (name, value) => send({ kind: 'expose', name, value: pack(value) }),
    onExpose: (handler) => {
      exposed = handler
    },
  }
}
