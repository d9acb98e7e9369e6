/** The text of one page: its runs in order, and where each starts in the joined text. */
export interface PageText {
  /** All runs joined, folded for comparison; same length as the runs together. */
  readonly folded: string
  /** Offset of each run in `folded`. */
  readonly starts: readonly number[]
}

/** One place where the words were found: page from 0, first and one past the last character in the page's joined text. */
export interface TextMatch {
  readonly page: number
  readonly start: number
  readonly end: number
}

/** Part of a run that a match covers. */
export interface RunSlice {
  readonly run: number
  readonly start: number
  readonly end: number
}

/** One character for comparison: without case and accents. Always exactly as long as the character, so that offsets hold. */
function foldCharacter(character: string): string {
  const plain = character.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.length === character.length ? plain : character.toLowerCase().slice(0, character.length)
}

/** Folds case and accents and makes every kind of space a plain one. The result is as long as the text. */
export function foldText(text: string): string {
  let folded = ''
  for (const character of text) {
    const plain = /\s/.test(character) ? ' ' : foldCharacter(character)
    folded += plain.length === character.length ? plain : character
  }
  return folded
}

/** Joins the runs of a page. A run that ends a line is followed by a space, which belongs to no run. */
export function joinRuns(runs: readonly { readonly text: string; readonly endsLine: boolean }[]): PageText {
  const starts: number[] = []
  let joined = ''
  for (const { text, endsLine } of runs) {
    starts.push(joined.length)
    joined += endsLine ? `${text} ` : text
  }
  return { folded: foldText(joined), starts }
}

/** Every place of the words on a page. Words may go over the end of a line. */
export function findOnPage(page: number, text: PageText, words: string): readonly TextMatch[] {
  const wanted = foldText(words.trim())
  if (wanted === '') return []
  const matches: TextMatch[] = []
  for (let at = text.folded.indexOf(wanted); at !== -1; at = text.folded.indexOf(wanted, at + wanted.length))
    matches.push({ page, start: at, end: at + wanted.length })
  return matches
}

/** The parts of runs that a match covers; `lengths` are the runs' own lengths. */
export function slicesOf(match: TextMatch, text: PageText, lengths: readonly number[]): readonly RunSlice[] {
  const slices: RunSlice[] = []
  for (const [run, start] of text.starts.entries()) {
    if (start >= match.end) break
    const from = Math.max(0, match.start - start)
    const to = Math.min(lengths[run] ?? 0, match.end - start)
    if (from < to) slices.push({ run, start: from, end: to })
  }
  return slices
}

/** The match to show first: the first one from the page on that the person looks at, or the first of all. */
export function matchFromPage(matches: readonly TextMatch[], page: number): number {
  const index = matches.findIndex((match) => match.page >= page)
  return index === -1 ? 0 : index
}

/** One match further or back, around the end. -1 where there is none. */
export const stepMatch = (index: number, count: number, direction: 1 | -1): number =>
  count === 0 ? -1 : (index + direction + count) % count
