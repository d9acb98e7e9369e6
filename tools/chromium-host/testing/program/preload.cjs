const { contextBridge, ipcRenderer, webUtils } = require('electron')

globalThis.preloadSecret = 'only here'

contextBridge.exposeInMainWorld('bridge', {
  invoke: (channel, ...given) => ipcRenderer.invoke(channel, ...given),
  send: (channel, ...given) => ipcRenderer.send(channel, ...given),
  on: (channel, listener) => {
    const receive = (_event, ...given) => listener(...given)
    ipcRenderer.on(channel, receive)
    return () => ipcRenderer.removeListener(channel, receive)
  },
  callBack: (callback) => callback('from the preload'),
  fail: () => {
    throw new TypeError('refused by the preload')
  },
  pathOf: (file) => webUtils.getPathForFile(file),
  sendSync: () => ipcRenderer.sendSync('echo'),
  requireNode: () => require('node:fs'),
})
