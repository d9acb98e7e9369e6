import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { formatCount } from '../../../../ui/format.ts'
import { IconButton } from '../../../../ui/icon-button.tsx'
import { TextField } from '../../../../ui/text-field.tsx'
import styles from './pdf-viewer.module.css'
import { mostMatches, type PdfFind } from './use-pdf-find.ts'

/** How many places there are, in words. */
function countWords({ words, matches, current, searching }: PdfFind): string {
  if (words.trim() === '') return ''
  if (searching) return 'Searching…'
  if (matches.length === 0) return 'Not found'
  const total = matches.length >= mostMatches ? `more than ${formatCount(mostMatches)}` : formatCount(matches.length)
  return `${formatCount(current + 1)} of ${total}`
}

/** The field that searches the open document. Enter leads on, Shift+Enter back, Escape closes. */
export function FindBar({ find, onClose }: { readonly find: PdfFind; readonly onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a search landmark; the element has no counterpart that all readers know
    <div
      className={styles.find}
      role="search"
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault()
          event.stopPropagation()
          onClose()
        }
        if (event.key === 'Enter' && event.target === field.current) {
          event.preventDefault()
          find.step(event.shiftKey ? -1 : 1)
        }
      }}
    >
      <TextField
        label="Find in document"
        labelHidden
        search
        placeholder="Find in document"
        value={find.words}
        onChange={(event) => find.search(event.currentTarget.value)}
        ref={field}
        after={
          <span className={styles.count} role="status">
            {countWords(find)}
          </span>
        }
      />
      <IconButton
        label="Previous match"
        keys="Shift+Enter"
        size="small"
        icon={<ChevronUp size={14} />}
        disabled={find.matches.length === 0}
        onClick={() => find.step(-1)}
      />
      <IconButton
        label="Next match"
        keys="Enter"
        size="small"
        icon={<ChevronDown size={14} />}
        disabled={find.matches.length === 0}
        onClick={() => find.step(1)}
      />
      <IconButton label="Close find" keys="Esc" size="small" icon={<X size={14} />} onClick={onClose} />
    </div>
  )
}
