/**
 * What `import ... from 'electron'` gives in the main process on this host. Everything that Electron exports there is named
 * here: the second half throws on use.
 */
import { missingModule } from './unsupported.ts'

export { app } from './app.ts'
export { dialog } from './dialog.ts'
export { ipcMain } from './ipc-main.ts'
export { Menu, MenuItem } from './menu.ts'
export { nativeTheme } from './native-theme.ts'
export { net } from './net.ts'
export { powerMonitor } from './power-monitor.ts'
export { protocol } from './protocol.ts'
export { safeStorage } from './safe-storage.ts'
export { session } from './session.ts'
export { shell } from './shell.ts'
export { BrowserWindow, webContents } from './windows/browser-window.ts'

export const autoUpdater = missingModule('autoUpdater')
export const BaseWindow = missingModule('BaseWindow')
export const BrowserView = missingModule('BrowserView')
export const clipboard = missingModule('clipboard')
export const contentTracing = missingModule('contentTracing')
export const crashReporter = missingModule('crashReporter')
export const desktopCapturer = missingModule('desktopCapturer')
export const globalShortcut = missingModule('globalShortcut')
export const ImageView = missingModule('ImageView')
export const inAppPurchase = missingModule('inAppPurchase')
export const MessageChannelMain = missingModule('MessageChannelMain')
export const nativeImage = missingModule('nativeImage')
export const netLog = missingModule('netLog')
export const Notification = missingModule('Notification')
export const powerSaveBlocker = missingModule('powerSaveBlocker')
export const pushNotifications = missingModule('pushNotifications')
export const screen = missingModule('screen')
export const ServiceWorkerMain = missingModule('ServiceWorkerMain')
export const ShareMenu = missingModule('ShareMenu')
export const sharedTexture = missingModule('sharedTexture')
export const systemPreferences = missingModule('systemPreferences')
export const TouchBar = missingModule('TouchBar')
export const Tray = missingModule('Tray')
export const utilityProcess = missingModule('utilityProcess')
export const View = missingModule('View')
export const webFrameMain = missingModule('webFrameMain')
export const WebContentsView = missingModule('WebContentsView')
