import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist'
import { joinRuns, type PageText } from './find-text.ts'

type TextContent = Awaited<ReturnType<PDFPageProxy['getTextContent']>>
type TextItem = Extract<TextContent['items'][number], { readonly str: string }>

/** All that is known of the text of one page. */
export interface ReadPageText {
  readonly content: TextContent
  readonly text: PageText
  /** Length of each run. */
  readonly lengths: readonly number[]
  /** Where each run stands, in points of the page. */
  readonly positions: readonly { readonly x: number; readonly y: number }[]
}

/** Reads the text of a page (index from 0) once and keeps it. */
export type PageTexts = (page: number) => Promise<ReadPageText>

async function readPageText(document: PDFDocumentProxy, page: number): Promise<ReadPageText> {
  const content = await (await document.getPage(page + 1)).getTextContent()
  const runs = content.items.filter((item): item is TextItem => 'str' in item)
  return {
    content,
    text: joinRuns(runs.map((run) => ({ text: run.str, endsLine: run.hasEOL }))),
    lengths: runs.map((run) => run.str.length),
    positions: runs.map((run) => ({ x: Number(run.transform[4]), y: Number(run.transform[5]) })),
  }
}

/** The texts of a document's pages, each read when it is first asked for. */
export function createPageTexts(document: PDFDocumentProxy): PageTexts {
  const texts = new Map<number, Promise<ReadPageText>>()
  return (page) => {
    const known = texts.get(page)
    if (known !== undefined) return known
    const reading = readPageText(document, page)
    texts.set(page, reading)
    return reading
  }
}
