/** A program of the operating system that a command uses. */
export interface Tool {
  readonly name: string
  /** Any one of these on PATH will do. */
  readonly commands: readonly string[]
  /** Debian's and Ubuntu's package. */
  readonly package: string
  readonly purpose: string
  /** Without it the command still runs, with fewer checks. */
  readonly optional: boolean
}
export type Plan =
  | { readonly how: 'run'; readonly prefix: readonly string[] }
  | { readonly how: 'tell'; readonly command: string }
interface Lockfile {
  readonly packages?: Readonly<
    Record<string, { readonly version?: string; readonly optional?: boolean; readonly devOptional?: boolean }>
  >
}
export declare const bootstrapNode: number
export declare const programNode: number
export declare const commands: readonly string[]
export declare function toolsFor(
  command: string,
  machine: {
    readonly hasElectron: boolean
    readonly hasDisplay: boolean
    readonly hasGivenChromium: boolean
    readonly platform: string
  },
): readonly Tool[]
export declare function missingTools(tools: readonly Tool[], isThere: (command: string) => boolean): readonly Tool[]
export declare function packagesOf(tools: readonly Tool[]): readonly string[]
export declare function planInstallation(
  packages: readonly string[],
  machine: {
    readonly platform: string
    readonly hasApt: boolean
    readonly isRoot: boolean
    readonly sudoWorks: boolean
  },
): Plan
export declare function matchesLockfile(lock: Lockfile, installed: Lockfile | null): boolean
export declare function majorOf(version: string): number
export declare function nodePackages(platform: string, architecture: string): readonly string[]
export declare function nodeMissing(version: string): string
export declare function exitCodeOf(
  code: number | null,
  signal: string | null,
  signals: Readonly<Record<string, number>>,
): number
