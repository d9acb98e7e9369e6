/** Turns values into JSON and back. */
export interface Codec {
  /** @throws Error for what structured cloning refuses: functions, symbols, promises, weak collections. */
  encode(value: unknown): unknown
  decode(value: unknown): unknown
}

interface Base64Bytes {
  toBase64(): string
}
interface Base64Constructor {
  fromBase64(text: string): Uint8Array<ArrayBuffer>
}

/**
 * Structured cloning over JSON, as IPC needs it: dates, maps, sets, bytes, errors, big integers and the numbers that JSON
 * lacks survive. The same source runs in Node and, as text, in a page: it must not use anything outside of itself.
 * A tagged value is `{$: tag, v: content}`; an object that has a `$` of its own is tagged `o`. Cycles are refused.
 */
export function makeCodec(): Codec {
  const NodeBuffer = (globalThis as { Buffer?: typeof Buffer }).Buffer
  const uncloneable = () => new Error('An object could not be cloned.')

  const toBase64 = (bytes: Uint8Array): string =>
    NodeBuffer
      ? NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
      : (bytes as unknown as Base64Bytes).toBase64()
  const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => {
    if (!NodeBuffer) return (Uint8Array as unknown as Base64Constructor).fromBase64(text)
    // A copy: Node's small buffers share one pool, and `.buffer` of a received array must hold that array alone.
    return new Uint8Array(NodeBuffer.from(text, 'base64'))
  }
  const record = (source: object, convert: (value: unknown) => unknown) => {
    const target: Record<string, unknown> = {}
    for (const key of Object.keys(source)) {
      const value = convert((source as Record<string, unknown>)[key])
      // Assigning `__proto__` would change the prototype in place of adding a member.
      if (key === '__proto__')
        Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
      else target[key] = value
    }
    return target
  }

  const open = new Set<object>()
  const encodeObject = (value: object): unknown => {
    if (Array.isArray(value)) return value.map(encode)
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    if (value instanceof Date) return { $: 'date', v: Number(value) }
    if (value instanceof Map) return { $: 'map', v: [...value].map(([key, entry]) => [encode(key), encode(entry)]) }
    if (value instanceof Set) return { $: 'set', v: [...value].map(encode) }
    if (value instanceof RegExp) return { $: 'regexp', v: [value.source, value.flags] }
    if (value instanceof Error) return { $: 'error', v: [value.name, value.message, value.stack ?? ''] }
    if (tag === 'ArrayBuffer') return { $: 'bytes', v: toBase64(new Uint8Array(value as ArrayBuffer)) }
    if (ArrayBuffer.isView(value)) {
      const name = value instanceof DataView ? 'DataView' : value.constructor.name
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      return { $: 'bytes', type: name === 'Buffer' ? 'Uint8Array' : name, v: toBase64(bytes) }
    }
    if (tag === 'Promise' || tag === 'WeakMap' || tag === 'WeakSet' || tag === 'WeakRef') throw uncloneable()
    const members = record(value, encode)
    return '$' in members ? { $: 'object', v: members } : members
  }
  const encode = (value: unknown): unknown => {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) }
      case 'undefined':
        return { $: 'undefined' }
      case 'bigint':
        return { $: 'bigint', v: String(value) }
      case 'object':
        break
      default:
        throw uncloneable()
    }
    if (value === null) return null
    if (open.has(value)) throw new Error('An object with a cycle could not be cloned.')
    open.add(value)
    try {
      return encodeObject(value)
    } finally {
      open.delete(value)
    }
  }

  const decode = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(decode)
    if (!('$' in value)) return record(value, decode)
    const { $: tag, v: content, type } = value as { $: string; v: never; type?: string }
    switch (tag) {
      case 'object':
        return record(content, decode)
      case 'number':
        return content === '-0' ? -0 : Number(content)
      case 'undefined':
        return undefined
      case 'bigint':
        return BigInt(content)
      case 'date':
        return new Date(content)
      case 'map':
        return new Map((content as [unknown, unknown][]).map(([key, entry]) => [decode(key), decode(entry)]))
      case 'set':
        return new Set((content as unknown[]).map(decode))
      case 'regexp':
        return new RegExp(content[0], content[1])
      case 'error': {
        const error = new Error(content[1])
        error.name = content[0]
        error.stack = content[2]
        return error
      }
      case 'bytes': {
        const bytes = fromBase64(content)
        if (type === undefined) return bytes.buffer
        if (type === 'Uint8Array') return bytes
        const View = (globalThis as unknown as Record<string, new (buffer: ArrayBuffer) => unknown>)[type]
        if (View === undefined) throw new Error(`Unknown array type ${type}`)
        return new View(bytes.buffer)
      }
      default:
        throw new Error(`Unknown tag ${tag}`)
    }
  }
  return { encode, decode }
}
