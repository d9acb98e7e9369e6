import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'

/** Without lines that are comments: packages document themselves with examples that require them. */
const withoutComments = (source: string): string => source.replace(/^\s*(\*|\/\/|\/\*).*$/gm, '')

/** Every module that built files name in an import, a re-export, `import()` or `require()`, but files beside them: packages and Node's own. */
export function externalImports(files: readonly string[]): ReadonlySet<string> {
  const names = files.flatMap((file) =>
    [
      ...withoutComments(readFileSync(file, 'utf8')).matchAll(
        /^(?:import|export)\b[^'"\n]*["']([^'"\n]+)["'];?$|\b(?:import|require)\(\s*["']([^'"\n]+)["']\s*\)/gm,
      ),
    ].map((match) => match[1] ?? match[2] ?? ''),
  )
  return new Set(names.filter((name) => name !== '' && !name.startsWith('.')))
}

/** Names of the packages among them, `@scope/name` or `name`; Electron and Node's own modules are there in any case. */
export const packagesOf = (imports: ReadonlySet<string>): string[] => [
  ...new Set(
    [...imports]
      .filter((name) => !isBuiltin(name) && name !== 'electron')
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  ),
]
