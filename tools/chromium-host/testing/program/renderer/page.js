const attempt = (action) => {
  try {
    action()
    return 'done'
  } catch (error) {
    return error.name
  }
}
const root = document.getElementById('root')

const workerSays = (address) =>
  new Promise((resolve) => {
    const worker = new Worker(policy.createScriptURL(address), { type: 'module' })
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = () => resolve('not loaded')
  })

const policy = trustedTypes.createPolicy('veridesk-worker', { createScriptURL: (address) => address })
const violations = []
document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective))

// Run by the page's own script: what a debugger evaluates is exempt from the policy.
window.report = {
  // biome-ignore lint/security/noGlobalEval: that it is refused is what is tested.
  eval: attempt(() => window.eval('1')),
  newFunction: attempt(() => new Function('return 1')()),
  innerHtml: attempt(() => {
    root.innerHTML = '<b>raw</b>'
  }),
  scriptText: attempt(() => {
    document.createElement('script').text = 'window.late = true'
  }),
  workerFromText: attempt(() => new Worker('./page.js')),
  otherPolicy: attempt(() => trustedTypes.createPolicy('other', {})),
  assembly: attempt(() => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))),
  violations,
}
root.append('ready')
window.pdfWorker = workerSays('./assets/pdf.worker-test.mjs')
window.addEventListener('message', () => {})
