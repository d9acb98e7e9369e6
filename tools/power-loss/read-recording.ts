/** One thing that a program did to the files below a folder. A node is a file or folder whatever its name is at the moment. */
export type RecordedStep =
  | { readonly kind: 'create'; readonly path: string; readonly node: bigint }
  | { readonly kind: 'write'; readonly node: bigint; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly node: bigint; readonly size: number }
  | { readonly kind: 'sync'; readonly node: bigint }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink' | 'make_folder' | 'remove_folder' | 'sync_folder'; readonly path: string }
  | { readonly kind: 'mark'; readonly text: string }

const kinds = [
  'create',
  'write',
  'truncate',
  'sync',
  'rename',
  'unlink',
  'make_folder',
  'remove_folder',
  'sync_folder',
  'mark',
] as const
/** Bytes before the paths and the data, see recorder.c. */
const headBytes = 29

/** Reads what recorder.c wrote, in the order in which it happened. */
export function readRecording(bytes: Buffer): readonly RecordedStep[] {
  const steps: RecordedStep[] = []
  for (let at = 0; at < bytes.length; ) {
    const kind = kinds[bytes.readUInt8(at) - 1]
    const node = bytes.readBigUInt64LE(at + 1)
    const offset = Number(bytes.readBigUInt64LE(at + 9))
    const pathEnd = at + headBytes + bytes.readUInt32LE(at + 17)
    const secondEnd = pathEnd + bytes.readUInt32LE(at + 21)
    const end = secondEnd + bytes.readUInt32LE(at + 25)
    if (kind === undefined || end > bytes.length) throw new Error(`The recording cannot be read at byte ${at}`)
    const path = bytes.toString('utf8', at + headBytes, pathEnd)
    const data = bytes.subarray(secondEnd, end)
    at = end
    if (kind === 'create') steps.push({ kind, path, node })
    else if (kind === 'write') steps.push({ kind, node, offset, data })
    else if (kind === 'truncate') steps.push({ kind, node, size: offset })
    else if (kind === 'sync') steps.push({ kind, node })
    else if (kind === 'rename') steps.push({ kind, path, to: bytes.toString('utf8', pathEnd, secondEnd) })
    else if (kind === 'mark') steps.push({ kind, text: data.toString('utf8') })
    else steps.push({ kind, path })
  }
  return steps
}
