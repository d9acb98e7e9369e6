import { spawn } from 'node:child_process'

/** How a step of a task ended. */
export interface StepOutcome {
  readonly name: string
  readonly exitCode: number
  readonly seconds: number
  /** Standard output and standard error as they came; empty when they went straight to the terminal. */
  readonly output: string
}

/**
 * Runs a program to its end. `quiet` keeps its output and lets the caller decide whether to show it; otherwise it goes to the
 * terminal. The programs of `node_modules/.bin` are found first.
 */
export function runStep(
  name: string,
  command: string,
  commandArguments: readonly string[],
  options: { readonly quiet: boolean; readonly environment?: Readonly<Record<string, string>> },
): Promise<StepOutcome> {
  const started = performance.now()
  return new Promise((resolve) => {
    const child = spawn(command, commandArguments, {
      stdio: options.quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...options.environment },
      shell: process.platform === 'win32',
    })
    const parts: Buffer[] = []
    child.stdout?.on('data', (part: Buffer) => parts.push(part))
    child.stderr?.on('data', (part: Buffer) => parts.push(part))
    const end = (exitCode: number, extra = ''): void =>
      resolve({
        name,
        exitCode,
        seconds: (performance.now() - started) / 1000,
        output: Buffer.concat(parts).toString('utf8') + extra,
      })
    child.on('error', (error) => end(1, `${error.message}\n`))
    child.on('close', (code) => end(code ?? 1))
  })
}
