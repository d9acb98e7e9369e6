/** How a photo is shown: scale (1 is one pixel per pixel), shift of its center in pixels, quarter turns clockwise. */
export interface PhotoView {
  readonly scale: number
  readonly x: number
  readonly y: number
  readonly turns: 0 | 1 | 2 | 3
}

/** A width and a height in pixels. */
export interface Extent {
  readonly width: number
  readonly height: number
}

const smallest = 0.02
const largest = 8

/** How large a photo is after its turns. */
export const turnedExtent = (photo: Extent, turns: number): Extent =>
  turns % 2 === 0 ? photo : { width: photo.height, height: photo.width }

/** The scale at which all of the photo is in the frame; never larger than life. */
export function fittedScale(photo: Extent, frame: Extent, turns: number): number {
  const { width, height } = turnedExtent(photo, turns)
  if (width === 0 || height === 0 || frame.width === 0 || frame.height === 0) return 1
  return Math.min(1, frame.width / width, frame.height / height)
}

/** All of the photo in the frame. */
export const fittedView = (photo: Extent, frame: Extent, turns: PhotoView['turns']): PhotoView => ({
  scale: fittedScale(photo, frame, turns),
  x: 0,
  y: 0,
  turns,
})

/** Keeps the photo from being moved out of the frame: its edge stops at the frame's. */
export function withinFrame(view: PhotoView, photo: Extent, frame: Extent): PhotoView {
  const { width, height } = turnedExtent(photo, view.turns)
  const roomX = Math.max(0, (width * view.scale - frame.width) / 2)
  const roomY = Math.max(0, (height * view.scale - frame.height) / 2)
  const clamp = (value: number, room: number): number => Math.max(-room, Math.min(room, value)) + 0
  return { ...view, x: clamp(view.x, roomX), y: clamp(view.y, roomY) }
}

/** Scales about a point of the frame (pixels from its center), which stays where it is. */
export function zoomedAt(
  view: PhotoView,
  factor: number,
  point: { readonly x: number; readonly y: number },
  photo: Extent,
  frame: Extent,
): PhotoView {
  const least = Math.max(smallest, Math.min(1, fittedScale(photo, frame, view.turns)))
  const scale = Math.min(largest, Math.max(least, view.scale * factor))
  const ratio = scale / view.scale
  const moved = { ...view, scale, x: point.x - (point.x - view.x) * ratio, y: point.y - (point.y - view.y) * ratio }
  return withinFrame(moved, photo, frame)
}

/** A quarter turn clockwise, fitted again. */
export const turned = (view: PhotoView, photo: Extent, frame: Extent): PhotoView =>
  fittedView(photo, frame, ((view.turns + 1) % 4) as PhotoView['turns'])
