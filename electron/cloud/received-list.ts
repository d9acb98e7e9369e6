import type { AppError, Result } from '../../shared/result.ts'
import { malformedError } from './refusal.ts'

/** Rows of which a stretch is read at a time. A plain array is one too. */
export interface RowList<Row> {
  /** How many there are, as far as is known: rows that hold lists of their own may count as several until they are read. */
  readonly length: number
  /** As of an array: a row past the end is left out. Throws `MalformedRows` for what the protocol does not know. */
  readonly slice: (from: number, to: number) => readonly Row[]
  /** Gives the memory of the answer back at once. Nothing can be read from then on. */
  readonly release?: () => void
}

/** A list of an answer whose rows cannot be read as rows. */
export class MalformedRows extends Error {
  readonly failure: AppError

  constructor(list: string, reason: string) {
    super(reason)
    this.name = 'MalformedRows'
    this.failure = malformedError(list, reason)
  }
}

/** Does work that reads rows of a list; those that cannot be read become its failure. */
export async function refuseMalformedRows<Value>(work: () => Promise<Result<Value>>): Promise<Result<Value>> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof MalformedRows) return { ok: false, error: error.failure }
    throw error
  }
}

/** Rows are read so many at a time: they are garbage before the collector looks at them twice. */
const stretchRows = 64

/** Rows of a list one after the other, a stretch read when its first row is wanted. */
export function* eachRow<Row>(rows: RowList<Row>, from: number, to: number): Generator<Row> {
  for (let offset = from; offset < Math.min(to, rows.length); offset += stretchRows)
    yield* rows.slice(offset, Math.min(to, offset + stretchRows))
}

/** Where the rows of a list begin in the answer that they came with. */
export interface ReceivedList {
  readonly name: string
  readonly answer: Buffer<ArrayBuffer>
  readonly starts: readonly number[]
  /** Behind the last row. */
  readonly end: number
}

/** What `json_agg` of PostgreSQL writes between two rows of type `json`. */
const separator = ', '

const [quote, backslash, brace, endOfBrace, endOfList] = [0x22, 0x5c, 0x7b, 0x7d, 0x5d]

/**
 * Takes the rows of a list out of an answer as `json_build_object` and `json_agg` of PostgreSQL write it (PostgreSQL, 9.16), so that
 * they need not be read all at once: 2,000 batches are 1.6 MB of text and 4 MB of objects, which outlive their page and wait for
 * the collector. Answers with the rest, in which the list is empty, and where the rows are; null for an answer of any other form,
 * which is read as a whole. The answer must own its memory, and is nobody else's from here on.
 */
export function takeList(
  answer: Buffer<ArrayBuffer>,
  name: string,
): { readonly frame: Buffer<ArrayBuffer>; readonly list: ReceivedList } | null {
  const label = Buffer.from(`"${name}" : [`)
  const found = answer.indexOf(label)
  const first = found + label.length
  if (found < 0 || answer[first] !== brace) return null
  // All rows begin with the same field. A quote after a brace is of no text, where it would have a backslash before it; objects within
  // a row may begin so too, and are told apart when they are read.
  const beginning = answer.toString('utf8', first, answer.indexOf(quote, first + 2) + 1)
  const between = Buffer.from(`}${separator}${beginning}`)
  const starts = [first]
  for (let next = answer.indexOf(between, first); next >= 0; next = answer.indexOf(between, next + 1))
    starts.push(next + 1 + separator.length)
  const end = endOfObject(answer, starts.at(-1) ?? first)
  if (answer[end] !== endOfList) return null
  const frame = Buffer.concat([answer.subarray(0, first), answer.subarray(end)])
  return isJson(frame) ? { frame, list: { name, answer, starts, end } } : null
}

/** Behind the object that begins here; past the end for one that does not end. */
function endOfObject(text: Buffer, start: number): number {
  let depth = 0
  let isText = false
  for (let index = start; index < text.length; index += 1) {
    const byte = text[index]
    if (isText) {
      if (byte === backslash) index += 1
      else if (byte === quote) isText = false
    } else if (byte === quote) isText = true
    else if (byte === brace) depth += 1
    else if (byte === endOfBrace) {
      depth -= 1
      if (depth === 0) return index + 1
    }
  }
  return text.length
}

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString())
    return true
  } catch {
    return false
  }
}

/** The rows of a list that was taken out of an answer, each of which `isRow` accepts. */
export function readList<Row>(
  { name, answer, starts, end }: ReceivedList,
  isRow: (row: unknown) => boolean,
): RowList<Row> {
  let whole: readonly Row[] | null = null
  let length = starts.length

  const read = (from: number, to: number): readonly Row[] | null => {
    const last = to < starts.length ? (starts[to] ?? end) - separator.length : end
    try {
      return JSON.parse(`[${answer.toString('utf8', starts[from], last)}]`)
    } catch {
      return null
    }
  }

  return {
    get length() {
      return length
    },
    slice(from, to) {
      const until = Math.min(to, starts.length)
      let rows = whole === null && from < until ? read(from, until) : null
      if (rows?.length !== until - from) {
        // Cut in the middle of a row, whose own objects begin as rows do; or beyond the end.
        if (whole === null) {
          whole = read(0, starts.length)
          if (whole === null) throw new MalformedRows(name, 'not JSON')
          length = whole.length
        }
        rows = whole.slice(from, to)
      }
      if (!rows.every(isRow)) throw new MalformedRows(name, 'a row of another form')
      return rows
    },
    release() {
      whole = []
      answer.buffer.transfer(0)
    },
  }
}
