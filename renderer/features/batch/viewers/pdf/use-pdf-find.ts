import { useCallback, useEffect, useState } from 'react'
import { findOnPage, matchFromPage, stepMatch, type TextMatch } from './find-text.ts'
import type { PageTexts } from './page-texts.ts'

/** How long after the last key the document is searched. */
const pauseMilliseconds = 120

/** Beyond this many places the count says "more than". */
export const mostMatches = 5000

/** A search through a document. */
export interface PdfFind {
  readonly words: string
  readonly search: (words: string) => void
  readonly matches: readonly TextMatch[]
  /** Index of the match that is looked at; -1 where there is none. */
  readonly current: number
  readonly searching: boolean
  readonly step: (direction: 1 | -1) => void
}

/** Searches all pages, from the first to the last; what was found is shown as soon as the page in sight has any. */
export function usePdfFind(texts: PageTexts | null, pageCount: number, pageInSight: () => number): PdfFind {
  const [words, search] = useState('')
  const [matches, setMatches] = useState<readonly TextMatch[]>([])
  const [current, setCurrent] = useState(-1)
  const [searching, setSearching] = useState(false)

  useEffect(() => {
    setMatches([])
    setCurrent(-1)
    if (texts === null || words.trim() === '') {
      setSearching(false)
      return
    }
    let stopped = false
    setSearching(true)
    const run = async () => {
      const found: TextMatch[] = []
      for (let page = 0; page < pageCount && found.length < mostMatches; page += 1) {
        const read = await texts(page).catch(() => null)
        if (stopped) return
        if (read !== null) found.push(...findOnPage(page, read.text, words))
      }
      setMatches(found)
      setCurrent(found.length === 0 ? -1 : matchFromPage(found, pageInSight()))
      setSearching(false)
    }
    const timer = setTimeout(() => void run(), pauseMilliseconds)
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }, [texts, pageCount, words, pageInSight])

  const step = useCallback(
    (direction: 1 | -1) => setCurrent((index) => stepMatch(index, matches.length, direction)),
    [matches.length],
  )
  return { words, search, matches, current, searching, step }
}
