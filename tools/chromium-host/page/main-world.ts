import type { makeBridge } from './bridge.ts'

/** Runs in the page's own world before its scripts: receives what the preload exposes. Self-contained: it is sent as text. */
export function mainWorld(secret: string, bridge: typeof makeBridge): void {
  const freeze = <Value>(value: Value): Value => {
    if ((typeof value === 'object' || typeof value === 'function') && value !== null && !Object.isFrozen(value)) {
      Object.freeze(value)
      for (const member of Object.values(value)) freeze(member)
    }
    return value
  }
  bridge(secret, 'page', 'preload').onExpose((name, value) => {
    Object.defineProperty(window, name, { value: freeze(value), enumerable: true })
  })
  const dispatch = window.dispatchEvent.bind(window)
  const OpenEvent = CustomEvent
  // The program's handler decides about a new window, and this host can only refuse: null is what a refusal gives in Electron.
  Object.defineProperty(window, 'open', {
    value: function open(url = 'about:blank', frameName = '', features = '') {
      const detail = {
        url: new URL(String(url), document.baseURI).href,
        frameName: String(frameName),
        features: String(features),
      }
      dispatch(new OpenEvent(`${secret}open`, { detail }))
      return null
    },
    writable: true,
    configurable: true,
    enumerable: true,
  })
}
