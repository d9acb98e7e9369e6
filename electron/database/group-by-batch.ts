/** Rows by the batch they belong to, in their order. */
export function groupByBatch<GroupedRow extends { readonly batch_id: string }>(
  rows: Iterable<GroupedRow>,
): ReadonlyMap<string, readonly GroupedRow[]> {
  const groups = new Map<string, GroupedRow[]>()
  for (const row of rows) {
    const group = groups.get(row.batch_id)
    if (group === undefined) groups.set(row.batch_id, [row])
    else group.push(row)
  }
  return groups
}
