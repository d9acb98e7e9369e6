import type { ReactNode, Ref } from 'react'

/** An area that scrolls by itself and can be reached by keyboard, so that its arrows scroll it. */
export function ScrollRegion({
  label,
  className,
  children,
  ref,
}: {
  readonly label: string
  readonly className?: string | undefined
  readonly children: ReactNode
  readonly ref?: Ref<HTMLElement>
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.2, 2.1.1)
    <section ref={ref} className={className} aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
