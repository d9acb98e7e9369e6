import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CloudProfile, DemoPerson as OfferedPerson } from '../../shared/contract/views.ts'
import { type DemoAuthority, ensureDemoAuthority } from '../demo-authority/ensure-demo-authority.ts'
import type { AnswerKey } from '../demo-data/answer-key.ts'
import { demoPeople } from '../demo-data/people.ts'
import { seedDemoData } from '../demo-data/seed-demo-data.ts'
import { type LocalCloud, loadGrantKey, signGrant, startLocalCloud } from '../local-cloud/index.ts'

const repository = join(import.meta.dirname, '..', '..')

/** How a demo cloud is started. */
export interface DemoCloudOptions {
  /** Where the cloud is kept between starts; `.local-cloud/demo` of this checkout when left out. */
  readonly dataDirectory?: string
  /** Begin again with freshly made data. */
  readonly reset?: boolean
  /** How many batches are made when the cloud is new; 2,000 when left out. */
  readonly batches?: number
  /** Another PostgreSQL instead of our own. */
  readonly databaseUrl?: string
  /** False trades durability for speed, in tests. */
  readonly durable?: boolean
  readonly log?: (line: string) => void
}

/** A running demo cloud with its people, their signing keys, and what is wrong in its evidence on purpose. */
export interface DemoCloud {
  readonly cloud: LocalCloud
  readonly authority: DemoAuthority
  readonly answerKey: AnswerKey
  /** `VERIDESK_DEMO_CLOUD` for the workstation: address, key, and the people to sign in as. */
  readonly environment: { readonly VERIDESK_DEMO_CLOUD: string; readonly VERIDESK_ALLOW_PLAIN_KEYCHAIN: '1' }
  stop(): Promise<void>
}

/** People whose part the workstation is for; recyclers and administrators work elsewhere. */
const offered = new Set(['accredited_auditor', 'desk_verifier', 'compliance_officer', 'field_agent'])

/** Starts the embedded cloud with the demo register in it. The signing authority is made on the first start and kept. */
export async function startDemoCloud(options: DemoCloudOptions = {}): Promise<DemoCloud> {
  const log = options.log ?? (() => {})
  const dataDirectory = options.dataDirectory ?? join(repository, '.local-cloud', 'demo')
  const people = demoPeople()
  const authority = await ensureDemoAuthority(
    join(repository, '.local-cloud', 'authority'),
    people
      .filter(({ kind }) => kind === 'accredited_auditor')
      .map(({ email, name, organization }) => ({ email, name, organisation: organization })),
  )
  const grantKey = () => loadGrantKey(dataDirectory)
  const answerKeyPath = join(dataDirectory, 'answer-key.json')
  const cloud = await startLocalCloud({
    dataDirectory,
    migrationsDirectory: join(repository, 'supabase', 'migrations'),
    log,
    ...(options.reset === undefined ? {} : { reset: options.reset }),
    ...(options.durable === undefined ? {} : { durable: options.durable }),
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
    seed: async ({ client, putObject }) => {
      log('Making the demo register: this happens once and takes some seconds.')
      const answerKey = await seedDemoData({
        client,
        storeObject: (bucket, name, bytes, mediaType, owner) => putObject({ bucket, name, bytes, mediaType, owner }),
        trustAnchorPem: authority.rootPem,
        signGrant: (body) => ({ keyId: grantKey().keyId, signature: signGrant(grantKey(), body) }),
        cacheDirectory: join(repository, '.local-cloud', 'demo-cache'),
        log,
        ...(options.batches === undefined ? {} : { batches: options.batches }),
      })
      writeFileSync(answerKeyPath, JSON.stringify(answerKey, null, 2))
    },
  })
  if (!existsSync(answerKeyPath)) {
    await cloud.stop()
    throw new Error(`The demo data of ${dataDirectory} has no answer key. Start with --reset to make it again.`)
  }
  const profile: CloudProfile & { readonly people: readonly OfferedPerson[] } = {
    name: 'Demo cloud',
    url: cloud.url,
    publishableKey: cloud.publishableKey,
    source: 'demo',
    people: people
      .filter(({ kind }) => offered.has(kind))
      .map(({ email, password, name, roleLabel }) => ({ email, password, name, roleLabel })),
  }
  return {
    cloud,
    authority,
    answerKey: JSON.parse(readFileSync(answerKeyPath, 'utf8')) as AnswerKey,
    // The demo's data is made up: a computer without a keychain need not ask for a passphrase to show it.
    environment: { VERIDESK_DEMO_CLOUD: JSON.stringify(profile), VERIDESK_ALLOW_PLAIN_KEYCHAIN: '1' },
    stop: () => cloud.stop(),
  }
}
