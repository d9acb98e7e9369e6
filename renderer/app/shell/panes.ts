/** Moves the focus to the next area of the window (`F6`), or the one before; from the last to the first. */
export function focusPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent !== null)
  const current = panes.findLastIndex((pane) => pane.contains(document.activeElement))
  const next = panes[(current + step + panes.length) % panes.length]
  if (next === undefined) return
  const inside = next.querySelector<HTMLElement>(
    '[role="row"][tabindex="0"], [aria-current="page"], button:not([tabindex="-1"]):not(:disabled), input, a[href], [tabindex="0"]',
  )
  const target = inside ?? next
  target.focus()
}
