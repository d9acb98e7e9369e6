import { BrowserWindow } from 'electron'
import { type Area, boundsToOpen, minimumSize, type WindowBounds } from './window-bounds.ts'

/** Where the window's place is kept between starts. */
export interface WindowBoundsStore {
  /** Null when nothing was kept, or it cannot be read. */
  load(): WindowBounds | null
  save(bounds: WindowBounds): void
}

/** What the window is made with. */
export interface WindowOptions {
  readonly title: string
  /** Absolute path of the built preload. */
  readonly preload: string
  /** The theme's background, `#rrggbb`: what is seen until the page has painted. */
  readonly backgroundColor: string
  readonly store: WindowBoundsStore
  /** Work areas of the connected displays; leave out where they cannot be asked for. */
  readonly displays?: readonly Area[]
  /** Never shown: nobody sits in front of it. */
  readonly hidden?: boolean
}

/** Makes the program's window: sandboxed, isolated, without Node. It shows itself when its page has painted; load the page next. */
export function createWindow(options: WindowOptions): BrowserWindow {
  const { title, preload, backgroundColor, store, displays = [], hidden = false } = options
  const saved = store.load()
  const window = new BrowserWindow({
    ...boundsToOpen(saved, displays),
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    title,
    backgroundColor,
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => {
    if (hidden) return
    if (saved?.maximized) window.maximize()
    window.show()
  })
  window.on('close', () => {
    if (!window.isMinimized()) store.save({ ...window.getNormalBounds(), maximized: window.isMaximized() })
  })
  return window
}
