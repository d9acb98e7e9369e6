/** What the keys of the screen ask of the viewer that is in use. A viewer leaves out what it cannot do. */
export interface ViewerHandle {
  readonly zoomIn?: () => void
  readonly zoomOut?: () => void
  readonly fit?: () => void
  readonly find?: () => void
  readonly rotate?: () => void
  readonly focus: () => void
}
