/** Place and size of a window in screen pixels, and whether it fills the screen's work area. */
export interface WindowBounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly maximized: boolean
}

/** A rectangle on the desktop, in screen pixels. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Smallest size at which every screen of the program can be used. */
export const minimumSize = { width: 900, height: 600 } as const

/** Size of the very first window. */
export const initialSize = { width: 1440, height: 900 } as const

/** A title bar that is this far inside a display can be grabbed. */
const reachable = 64

const isReachable = (bounds: Area, display: Area): boolean =>
  bounds.x + bounds.width >= display.x + reachable &&
  bounds.x <= display.x + display.width - reachable &&
  bounds.y >= display.y - 8 &&
  bounds.y <= display.y + display.height - reachable

/**
 * Where to open the window: as it was left, when that makes sense today.
 * @param displays work areas of the displays that are connected now; empty when they are not known.
 */
export function boundsToOpen(
  saved: WindowBounds | null,
  displays: readonly Area[],
): Partial<Area> & typeof initialSize {
  const numbers = saved === null ? [] : [saved.x, saved.y, saved.width, saved.height]
  if (saved === null || !numbers.every(Number.isFinite)) return initialSize
  const size = {
    width: Math.max(minimumSize.width, Math.round(saved.width)),
    height: Math.max(minimumSize.height, Math.round(saved.height)),
  }
  const place = { x: Math.round(saved.x), y: Math.round(saved.y) }
  const known = displays.length === 0 || displays.some((display) => isReachable({ ...place, ...size }, display))
  return (known ? { ...place, ...size } : size) as Partial<Area> & typeof initialSize
}
