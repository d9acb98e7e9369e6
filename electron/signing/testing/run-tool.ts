import { execFileSync, spawnSync } from 'node:child_process'

/** Whether another program that checks signatures is installed here. */
export function hasTool(name: string): boolean {
  return spawnSync(name, ['--version']).error === undefined
}

/** What a program said and how it ended. */
export interface ToolAnswer {
  readonly status: number | null
  readonly output: string
}

/** Runs a program to its end; its two outputs are joined. */
export function runTool(name: string, arguments_: readonly string[]): ToolAnswer {
  const { status, stdout, stderr } = spawnSync(name, arguments_, { encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}

/** Runs a program that must succeed and returns what it wrote. */
export function mustRun(name: string, arguments_: readonly string[]): Buffer {
  return execFileSync(name, arguments_, { stdio: ['ignore', 'pipe', 'pipe'] })
}
