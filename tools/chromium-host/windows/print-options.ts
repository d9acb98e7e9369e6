import type { Protocol } from 'devtools-protocol/types/protocol.d.ts'
import type * as Electron from 'electron'

/** Width and height in inches, upright (ISO 216 and ANSI/ASME Y14.1). */
const sizes: Readonly<Record<string, readonly [number, number]>> = {
  A0: [33.1, 46.8],
  A1: [23.4, 33.1],
  A2: [16.54, 23.4],
  A3: [11.7, 16.54],
  A4: [8.27, 11.7],
  A5: [5.83, 8.27],
  A6: [4.13, 5.83],
  Letter: [8.5, 11],
  Legal: [8.5, 14],
  Tabloid: [11, 17],
  Ledger: [17, 11],
}

/** Electron's options for `printToPDF` in the protocol's terms. */
export function toPrintParameters(options: Electron.PrintToPDFOptions): Protocol.Page.PrintToPDFRequest {
  const { pageSize = 'Letter', margins = {}, generateTaggedPDF, ...same } = options
  const size = typeof pageSize === 'string' ? sizes[pageSize] : ([pageSize.width, pageSize.height] as const)
  if (!size) throw new Error(`Unknown page size '${String(pageSize)}'`)
  return {
    ...same,
    paperWidth: size[0],
    paperHeight: size[1],
    ...(margins.top === undefined ? {} : { marginTop: margins.top }),
    ...(margins.bottom === undefined ? {} : { marginBottom: margins.bottom }),
    ...(margins.left === undefined ? {} : { marginLeft: margins.left }),
    ...(margins.right === undefined ? {} : { marginRight: margins.right }),
    ...(generateTaggedPDF === undefined ? {} : { generateTaggedPDF }),
  }
}
