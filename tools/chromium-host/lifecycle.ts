import { EventEmitter } from 'node:events'

interface Happenings {
  'window-created': [window: object]
  'contents-created': [contents: object]
  'all-windows-closed': []
}

/** What windows tell the program's life cycle, so that neither module has to know the other. */
export const lifecycle = new EventEmitter<Happenings>()
