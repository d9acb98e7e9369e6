/** Licences, by SPDX identifier, of code and fonts that may be part of the program. */
export const allowedLicenses: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MPL-2.0',
  'OFL-1.1',
  'Zlib',
])

/**
 * Whether an SPDX expression (SPDX 2.3, Annex D) can be met with allowed licences alone: all sides of an AND, one side of an OR. An
 * expression that is not understood, with exceptions for instance, is not allowed.
 */
export function isAllowedLicense(expression: string): boolean {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? []
  let position = 0
  const accept = (token: string): boolean => {
    if (tokens[position] !== token) return false
    position += 1
    return true
  }
  const term = (): boolean => {
    if (accept('(')) {
      const inner = either()
      return accept(')') && inner
    }
    const name = tokens[position]
    position += 1
    return name !== undefined && allowedLicenses.has(name)
  }
  const both = (): boolean => {
    let allowed = term()
    while (accept('AND')) allowed = term() && allowed
    return allowed
  }
  const either = (): boolean => {
    let allowed = both()
    while (accept('OR')) allowed = both() || allowed
    return allowed
  }
  return either() && position === tokens.length
}
