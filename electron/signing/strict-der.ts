/** Why bytes are not DER (X.690, section 10 and 11). A verifier turns it into the verdict INVALID. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** One element of a DER tree. `content` and `encoded` are views of the input, not copies. */
export interface DerNode {
  /** The identifier octet: class, constructed bit and tag number (always below 31). */
  readonly tag: number
  /** The value without its header. */
  readonly content: Uint8Array
  /** Header and value. */
  readonly encoded: Uint8Array
}

/** Identifier octets that a signature uses. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nullValue: 0x05,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context1: 0xa1,
  context3: 0xa3,
  primitive0: 0x80,
} as const

/** Reads one element at `offset` and refuses every encoding that DER does not allow: DER has exactly one for each value. */
export function readDer(bytes: Uint8Array, offset = 0): DerNode {
  const tag = octet(bytes, offset)
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag number above 30')
  const first = octet(bytes, offset + 1)
  let length = first
  let header = 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0) throw new DerError('an indefinite length')
    if (count > 4) throw new DerError('a length above four octets')
    length = 0
    for (let index = 0; index < count; index += 1) length = length * 256 + octet(bytes, offset + 2 + index)
    if (length < 0x80 || octet(bytes, offset + 2) === 0) throw new DerError('a length that is not minimal')
    header += count
  }
  const end = offset + header + length
  if (end > bytes.length) throw new DerError('an element that runs past its container')
  const node = { tag, content: bytes.subarray(offset + header, end), encoded: bytes.subarray(offset, end) }
  checkPrimitive(node)
  return node
}

/** The elements inside a constructed element, in their order. */
export function readChildren(node: DerNode): DerNode[] {
  if ((node.tag & 0x20) === 0) throw new DerError('a primitive element where a constructed one is due')
  const children: DerNode[] = []
  for (let offset = 0; offset < node.content.length; ) {
    const child = readDer(node.content, offset)
    children.push(child)
    offset += child.encoded.length
  }
  if (node.tag === derTag.set) checkSetOrder(children)
  return children
}

/** Reads a whole tree, so that every element below `node` has been held to DER. */
export function checkDerTree(node: DerNode): void {
  if ((node.tag & 0x20) === 0) return
  for (const child of readChildren(node)) checkDerTree(child)
}

/** The element if it has the tag that is due there, otherwise an error that names what was expected. */
export function expectTag(node: DerNode | undefined, tag: number, what: string): DerNode {
  if (node === undefined || node.tag !== tag) throw new DerError(`no ${what}`)
  return node
}

/** The dotted form of an OBJECT IDENTIFIER. */
export function readObjectIdentifier(node: DerNode | undefined): string {
  const { content } = expectTag(node, derTag.objectIdentifier, 'object identifier')
  const arcs: number[] = []
  let value = 0
  let atStart = true
  for (const byte of content) {
    if (atStart && byte === 0x80) throw new DerError('an object identifier that is not minimal')
    atStart = false
    value = value * 128 + (byte & 0x7f)
    if ((byte & 0x80) !== 0) continue
    if (arcs.length === 0) {
      const root = Math.min(2, Math.floor(value / 40))
      arcs.push(root, value - root * 40)
    } else arcs.push(value)
    value = 0
    atStart = true
  }
  if (!atStart || arcs.length === 0) throw new DerError('an object identifier that breaks off')
  return arcs.join('.')
}

/** A GeneralizedTime as DER allows it: UTC, with seconds, no empty fraction. */
export function readGeneralizedTime(node: DerNode | undefined): Date {
  const { content } = expectTag(node, derTag.generalizedTime, 'time')
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d*[1-9])?Z$/.exec(Buffer.from(content).toString('latin1'))
  if (match === null) throw new DerError('a time that is not in DER form')
  const [, year, month, day, hour, minute, second, fraction = ''] = match
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`)
}

/** Whether two byte strings are the same. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

function octet(bytes: Uint8Array, offset: number): number {
  const value = bytes[offset]
  if (value === undefined) throw new DerError('an element that breaks off')
  return value
}

function checkPrimitive({ tag, content }: DerNode): void {
  if (tag === derTag.integer) {
    const [first, second] = content
    if (first === undefined) throw new DerError('an empty integer')
    if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
      throw new DerError('an integer that is not minimal')
    }
  }
  if (tag === derTag.boolean && (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff))) {
    throw new DerError('a boolean that is neither 00 nor FF')
  }
  if (tag === derTag.nullValue && content.length !== 0) throw new DerError('a null with a value')
}

function checkSetOrder(children: readonly DerNode[]): void {
  for (let index = 1; index < children.length; index += 1) {
    const before = children[index - 1]
    const after = children[index]
    if (before && after && Buffer.compare(before.encoded, after.encoded) > 0) throw new DerError('an unsorted set')
  }
}
