import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildProgram } from './build-program.ts'
import { requireDisplay } from './display.ts'
import { electronBinary, electronExecutable } from './electron-executable.ts'

/* `npm start`: the workstation with a demo cloud of its own. `-- --reset` begins again with an empty cloud. Ctrl+C ends both. */

const repository = join(import.meta.dirname, '..', '..')
process.chdir(repository)

const { values } = parseArgs({ options: { reset: { type: 'boolean', default: false } } })

requireDisplay('npm start')
if (!(await buildProgram(repository))) process.exit(1)

console.log(
  electronBinary() || process.env.APP_EXECUTABLE
    ? `Host: Electron (${electronExecutable()}).`
    : "Host: Node and the system's Chromium (tools/chromium-host), because Electron's binary is not installed.",
)

// Loaded only now: what is checked above answers at once.
const { startDemoCloud } = await import('../demo-cloud/start-demo-cloud.ts')
const { demoPassphrase } = await import('../demo-authority/ensure-demo-authority.ts')
const databaseUrl = process.env.DATABASE_URL
const demo = await startDemoCloud({
  reset: values.reset,
  log: (line: string) => console.log(line),
  ...(databaseUrl ? { databaseUrl } : {}),
}).catch((error: unknown): never => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
console.log(`Demo cloud: ${demo.cloud.url}`)
console.log('Sign in as any of the people on the first screen; their password is veridesk-demo.')
console.log(`Signing keys of the demo auditors, passphrase ${demoPassphrase}:`)
for (const [email, { p12Path }] of demo.authority.keys) console.log(`  ${email}: ${p12Path}`)

const program = spawn(electronExecutable(), [repository], {
  stdio: 'inherit',
  env: { ...process.env, ...demo.environment },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // The program ends by itself on a terminal's Ctrl+C; the cloud is stopped after it, so that nothing is cut off.
    if (program.exitCode === null) program.kill('SIGTERM')
  })
const [code] = await Promise.race([
  once(program, 'exit'),
  once(program, 'error').then(([error]) => {
    console.error(`The program could not be started: ${error instanceof Error ? error.message : String(error)}`)
    return [1]
  }),
])
await demo.stop()
process.exit(typeof code === 'number' ? code : 1)
