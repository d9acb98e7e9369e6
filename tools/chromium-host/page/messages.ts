/** What a page tells the program; values are encoded by the codec. */
export type PageMessage =
  | { readonly kind: 'invoke'; readonly id: number; readonly channel: string; readonly given: unknown }
  | { readonly kind: 'send'; readonly channel: string; readonly given: unknown }
  | { readonly kind: 'open'; readonly url: string; readonly frameName: string; readonly features: string }
  | { readonly kind: 'window'; readonly event: 'focus' | 'blur' | 'resize' }
  | { readonly kind: 'title'; readonly title: string }
  | { readonly kind: 'preload-error'; readonly message: string }

/** What the program tells a page. */
export type HostMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
  | { readonly kind: 'event'; readonly channel: string; readonly given: unknown }
  /** The message itself is too long for the pipe's slow road and is fetched from this path. */
  | { readonly kind: 'fetch'; readonly path: string }
