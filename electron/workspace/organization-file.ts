import { z } from 'zod'
import type { CloudProfile } from '../../shared/contract/views.ts'
import { fail, ok, type Result } from '../../shared/result.ts'

const schema = z.object({
  name: z.string().trim().min(1).max(200),
  url: z.url({ protocol: /^https?$/ }),
  publishableKey: z.string().trim().min(1).max(4000),
})

/** A key with this role passes over every rule of the cloud and must never be on a workstation. */
function isSecretKey(key: string): boolean {
  if (key.startsWith('sb_secret_')) return true
  const payload = key.split('.')[1]
  if (payload === undefined) return false
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && 'role' in claims && claims.role === 'service_role'
  } catch {
    return false
  }
}

/** Why a key must not be used here, or null where it may. */
export const keyProblem = (key: string): Result<never> | null =>
  isSecretKey(key)
    ? fail(
        'invalid_input',
        'This is the secret key of the cloud. It must not be on a workstation.',
        'Use the publishable key, and replace the secret key in the project: it has been handed out.',
      )
    : null

/** Reads an organization file: JSON with `name`, `url` and `publishableKey`. */
export function readOrganizationFile(text: string): Result<CloudProfile> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return fail(
      'invalid_input',
      'This is not an organization file.',
      'Ask whoever sent it for the file that ends in .json.',
    )
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path[0]
    return fail(
      'invalid_input',
      field === undefined
        ? 'This is not an organization file.'
        : `The organization file has no usable "${String(field)}".`,
      'Ask whoever sent it for a new one.',
    )
  }
  return keyProblem(parsed.data.publishableKey) ?? ok({ ...parsed.data, source: 'organization_file' })
}
