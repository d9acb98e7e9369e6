/** Which rows are selected, by local row number, so that sorting and new snapshots leave it alone. */
export interface Selection {
  readonly rows: ReadonlySet<number>
  /** Row that an extension starts from, or null. */
  readonly anchor: number | null
}

/** Nothing is selected. */
export const emptySelection: Selection = { rows: new Set(), anchor: null }

/** Adds a row or takes it out; it becomes the anchor. */
export function toggleRow(selection: Selection, row: number): Selection {
  const rows = new Set(selection.rows)
  if (!rows.delete(row)) rows.add(row)
  return { rows, anchor: row }
}

/**
 * Selects everything from the anchor to the row at `to`, in the order of the snapshot. Without an anchor in this snapshot, from the
 * row at `from`. What was selected elsewhere stays.
 */
export function extendTo(selection: Selection, snapshot: Uint32Array, from: number, to: number): Selection {
  const anchored = selection.anchor === null ? -1 : snapshot.indexOf(selection.anchor)
  const start = anchored === -1 ? from : anchored
  const rows = new Set(selection.rows)
  for (const row of snapshot.subarray(Math.min(start, to), Math.max(start, to) + 1)) rows.add(row)
  return { rows, anchor: snapshot[start] ?? null }
}

/** Selects every row of the snapshot: all that match the filter, not only what is in sight. */
export const selectAll = (snapshot: Uint32Array): Selection => ({ rows: new Set(snapshot), anchor: null })

/** The selected rows in the order of the snapshot, then those that are not in it. */
export function inOrder(selection: Selection, snapshot: Uint32Array): readonly number[] {
  const inside = [...snapshot].filter((row) => selection.rows.has(row))
  if (inside.length === selection.rows.size) return inside
  const seen = new Set(inside)
  return [...inside, ...[...selection.rows].filter((row) => !seen.has(row))]
}
