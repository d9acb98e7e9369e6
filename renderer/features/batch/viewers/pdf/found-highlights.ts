/** Names of the highlights, as the style sheet knows them. */
const foundName = 'veridesk-found'
const currentName = 'veridesk-found-current'

function registered(name: string): Highlight {
  const known = CSS.highlights.get(name)
  if (known !== undefined) return known
  const highlight = new Highlight()
  CSS.highlights.set(name, highlight)
  return highlight
}

/** Marks text (CSS Custom Highlight API): the document is not touched. Answers with the function that takes the marks away. */
export function markFound(ranges: readonly Range[], current: readonly Range[]): () => void {
  const found = registered(foundName)
  const now = registered(currentName)
  // Drawn over the others where both apply.
  now.priority = 1
  for (const range of ranges) found.add(range)
  for (const range of current) now.add(range)
  return () => {
    for (const range of ranges) found.delete(range)
    for (const range of current) now.delete(range)
  }
}
