const characterMaps: Readonly<Record<string, string>> = import.meta.glob(
  '../../../../../node_modules/pdfjs-dist/cmaps/*.bcmap',
  { query: '?url', import: 'default', eager: true, exhaustive: true },
)
const standardFonts: Readonly<Record<string, string>> = import.meta.glob(
  '../../../../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}',
  { query: '?url', import: 'default', eager: true, exhaustive: true },
)
const decoders: Readonly<Record<string, string>> = import.meta.glob(
  '../../../../../node_modules/pdfjs-dist/wasm/{jbig2,openjpeg}.wasm',
  { query: '?url', import: 'default', eager: true, exhaustive: true },
)

const byFileName = new Map(
  Object.entries({ ...characterMaps, ...standardFonts, ...decoders }).map(
    ([path, address]) => [path.slice(path.lastIndexOf('/') + 1), address] as const,
  ),
)

/**
 * Hands pdf.js what it needs beside a file: character maps for fonts that name one, the standard 14 fonts, and decoders for JPEG 2000 and
 * JBIG2. All of it comes out of the bundle; nothing is asked of a network.
 */
export class BundledData {
  async fetch({ filename }: { readonly kind: string; readonly filename: string }): Promise<Uint8Array> {
    const address = byFileName.get(filename)
    if (address === undefined) throw new Error(`Not in the bundle: ${filename}`)
    const answer = await fetch(address)
    if (!answer.ok) throw new Error(`The bundle answered ${String(answer.status)} for ${filename}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
}
