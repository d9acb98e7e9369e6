/** Pixels per character of the table's type, roughly; a column only needs a good guess. */
const characterPixels = 7.2
const padding = 20
const narrowest = 64
const widest = 320

/** How many rows are looked at. */
const sample = 200

/** Widths of the columns in pixels, by their longest cells in the first rows. */
export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const longest: number[] = []
  for (const row of rows.slice(0, sample))
    for (const [column, cell] of row.entries()) longest[column] = Math.max(longest[column] ?? 0, cell.length)
  return Array.from(longest, (length = 0) =>
    Math.min(widest, Math.max(narrowest, Math.round(length * characterPixels + padding))),
  )
}

/** The letters of a spreadsheet column: 0 is `A`, 26 is `AA`. */
export function columnLetters(index: number): string {
  let letters = ''
  for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1)
    letters = String.fromCharCode(65 + (rest % 26)) + letters
  return letters
}

/** Whether a cell is a figure, which is set flush right. */
export const isFigure = (cell: string): boolean => /^[-−+]?[\d.,\s]*\d\s*%?$/.test(cell)
