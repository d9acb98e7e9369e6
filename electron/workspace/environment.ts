import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { CloudProfile, DemoPerson } from '../../shared/contract/views.ts'
import type { Log } from '../platform/log.ts'
import { keyProblem, readOrganizationFile } from './organization-file.ts'

/** What the environment of the program says about clouds. */
export interface EnvironmentFacts {
  /** The one cloud of a managed laptop, or null. */
  readonly managed: CloudProfile | null
  /** Other clouds that are offered without having been typed. */
  readonly offered: readonly CloudProfile[]
  readonly demoPeople: readonly DemoPerson[]
}

const demo = z.object({
  name: z.string(),
  url: z.url(),
  publishableKey: z.string(),
  people: z.array(z.object({ email: z.string(), password: z.string(), name: z.string(), roleLabel: z.string() })),
})

/**
 * Reads `VERIDESK_CLOUD_URL`, `VERIDESK_CLOUD_KEY` and `VERIDESK_CLOUD_NAME` (a managed laptop), `VERIDESK_ORGANIZATION_FILE` (a
 * path) and `VERIDESK_DEMO_CLOUD` (JSON). What cannot be read is logged and left out: it must not keep the program from starting.
 */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>, log: Log): EnvironmentFacts {
  const offered: CloudProfile[] = []
  const demoCloud = readDemo(environment.VERIDESK_DEMO_CLOUD, log)
  if (demoCloud !== null) offered.push(demoCloud.profile)
  const file = environment.VERIDESK_ORGANIZATION_FILE
  if (file !== undefined && file !== '') {
    const profile = readOffered(file, log)
    if (profile !== null) offered.push(profile)
  }
  return { managed: readManaged(environment, log), offered, demoPeople: demoCloud?.people ?? [] }
}

function readManaged(environment: Readonly<Record<string, string | undefined>>, log: Log): CloudProfile | null {
  const { VERIDESK_CLOUD_URL: url, VERIDESK_CLOUD_KEY: publishableKey, VERIDESK_CLOUD_NAME: name } = environment
  if (url === undefined || url === '' || publishableKey === undefined || publishableKey === '') return null
  if (!URL.canParse(url) || keyProblem(publishableKey) !== null) {
    log.error('workstation.managed_cloud_refused', { reason: URL.canParse(url) ? 'secret key' : 'not an address' })
    return null
  }
  return { name: name === undefined || name === '' ? new URL(url).host : name, url, publishableKey, source: 'managed' }
}

function readDemo(
  text: string | undefined,
  log: Log,
): { readonly profile: CloudProfile; readonly people: readonly DemoPerson[] } | null {
  if (text === undefined || text === '') return null
  try {
    const { people, ...profile } = demo.parse(JSON.parse(text))
    return { profile: { ...profile, source: 'demo' }, people }
  } catch {
    log.error('workstation.demo_cloud_refused')
    return null
  }
}

function readOffered(file: string, log: Log): CloudProfile | null {
  try {
    const profile = readOrganizationFile(readFileSync(file, 'utf8'))
    if (profile.ok) return profile.value
    log.error('workstation.organization_file_refused', { reason: profile.error.message })
  } catch {
    log.error('workstation.organization_file_refused', { reason: 'cannot be read' })
  }
  return null
}
