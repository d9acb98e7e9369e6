// The eight bytes of an empty WebAssembly module.
const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])
const attempt = (action) => {
  try {
    action()
    return 'done'
  } catch (error) {
    return error.name
  }
}
self.postMessage({
  assembly: attempt(() => new WebAssembly.Module(empty)),
  eval: attempt(() => self.eval('1')),
})
