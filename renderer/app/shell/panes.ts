/** Where the focus goes inside a pane: to its active row, to the place that is open, else to its first control. */
const entrances = [
  '[role="row"][tabindex="0"]',
  '[aria-current="page"], [aria-current="true"]',
  'button:not([tabindex="-1"]):not(:disabled), input:not([type="file"]), a[href], [tabindex="0"]',
]

const isVisible = (element: HTMLElement): boolean => element.checkVisibility({ visibilityProperty: true })

/** Moves the focus to the next area of the window (`F6`), or the one before; from the last to the first. */
export function focusPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(isVisible)
  const current = panes.findLastIndex((pane) => pane.contains(document.activeElement))
  const next = panes[current === -1 ? 0 : (current + step + panes.length) % panes.length]
  if (next === undefined) return
  const [entrance = next] = entrances.flatMap((selector) =>
    [...next.querySelectorAll<HTMLElement>(selector)].filter(isVisible),
  )
  entrance.focus()
}
