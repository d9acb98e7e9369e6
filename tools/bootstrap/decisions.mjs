/*
 * What the bootstrap decides, as pure functions: no disk, no process. Plain JavaScript, because it runs before anything is installed
 * and on any Node from 20 on.
 */

/** @typedef {import('./decisions.d.mts').Tool} Tool */

/** Oldest Node that can run the bootstrap, and oldest that can run the program's own sources. */
export const bootstrapNode = 20
export const programNode = 24

export const commands = ['start', 'test', 'tour', 'cloud', 'oracle', 'bench', 'verify', 'dev', 'dist']

const chromium = {
  name: 'Chromium',
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  package: 'chromium',
  purpose: "the window (Electron's own binary is not installed)",
  optional: false,
}
const checks = [
  ['pdfsig', 'poppler-utils', 'an independent check of signatures'],
  ['pdftoppm', 'poppler-utils', 'pictures of PDF pages'],
  ['qpdf', 'qpdf', 'an independent check of PDF structure'],
  ['mutool', 'mupdf-tools', 'a second reader of PDF files'],
  ['openssl', 'openssl', 'an independent check of signatures and certificates'],
].map(([command, name, purpose]) => ({ name: command, commands: [command], package: name, purpose, optional: true }))
const screen = ['xvfb-run', 'xauth'].map((command) => ({
  name: command,
  commands: [command],
  package: command === 'xvfb-run' ? 'xvfb' : command,
  purpose: 'a window without a screen',
  optional: true,
}))

/** Programs of the operating system that a command uses on this machine. */
export function toolsFor(command, { hasElectron, hasDisplay, platform, hasGivenChromium }) {
  if (command === 'verify') return checks.filter((tool) => tool.name === 'pdfsig')
  if (command === 'dist' || command === 'cloud' || command === 'oracle') return []
  const window = hasElectron || hasGivenChromium ? [] : [chromium]
  if (command !== 'test' && command !== 'tour') return window
  return [...window, ...checks, ...(platform === 'linux' && !hasDisplay ? screen : [])]
}

/** The tools of which no command is there. */
export const missingTools = (tools, isThere) => tools.filter((tool) => !tool.commands.some(isThere))

/** Packages that bring the tools, each once. */
export const packagesOf = (tools) => [...new Set(tools.map((tool) => tool.package))]

const homebrew = {
  chromium: '--cask chromium',
  'poppler-utils': 'poppler',
  'mupdf-tools': 'mupdf-tools',
  xvfb: '',
  xauth: '',
}

/** How to get the packages: by itself (`run`), by one command that a person types (`tell`), or by hand. */
export function planInstallation(packages, { platform, hasApt, isRoot, sudoWorks }) {
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (hasApt && isRoot) return { how: 'run', prefix: [] }
  if (hasApt && sudoWorks) return { how: 'run', prefix: ['sudo', '-n'] }
  if (hasApt) return { how: 'tell', command: `sudo apt-get update && sudo ${install}` }
  if (platform === 'darwin') {
    const names = packages.map((name) => homebrew[name] ?? name).filter(Boolean)
    return { how: 'tell', command: names.map((name) => `brew install ${name}`).join(' && ') }
  }
  return { how: 'tell', command: `install these with your package manager: ${packages.join(', ')}` }
}

/**
 * Whether the installed packages are those of the lockfile. Optional packages may be absent: they are for other platforms.
 * @param lock content of package-lock.json; `installed` content of node_modules/.package-lock.json, or null.
 */
export function matchesLockfile(lock, installed) {
  if (installed === null) return false
  return Object.entries(lock.packages ?? {}).every(([path, wanted]) => {
    if (path === '') return true
    const found = installed.packages?.[path]
    if (!found) return Boolean(wanted.optional || wanted.devOptional)
    return found.version === wanted.version
  })
}

/** Major version in `24.1.0` or `v24.1.0`; 0 for anything else. */
export const majorOf = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0)

/** Folders under node_modules that may hold a Node for this platform, in the registry's several namings. */
export const nodePackages = (platform, architecture) =>
  platform === 'win32'
    ? [`node-win-${architecture}`]
    : [`node-${platform}-${architecture}`, `node-bin-${platform}-${architecture}`]

/** What to say where no Node is new enough for the program. */
export const nodeMissing = (version) =>
  `Veridesk needs Node ${programNode} or newer to run its own sources; this is ${version}, and no Node package was installed for this platform. Install Node ${programNode} from https://nodejs.org and run the command again.`

/** Exit code of a process by how it ended; a signal counts as a shell counts it. */
export const exitCodeOf = (code, signal, signals) => code ?? 128 + (signals[signal] ?? 0)
