import type { WebContents } from 'electron'

/** Name under which an event travels. The preload puts the same prefix before it. */
export const eventIpcName = (event: string): string => `veridesk-event:${event}`

/** Makes the function that tells the window what happened; a window that is gone is told nothing. */
export const makeSendEvent =
  <EventMap extends object>(contents: () => WebContents | null) =>
  <Name extends keyof EventMap & string>(name: Name, payload: EventMap[Name]): void => {
    const target = contents()
    if (target && !target.isDestroyed()) target.send(eventIpcName(name), payload)
  }
