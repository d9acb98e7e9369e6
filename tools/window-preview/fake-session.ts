import type { SessionState } from '../../shared/contract/views.ts'
import type { OrganizationId, PersonId } from '../../shared/domain/ids.ts'

const demoCloud = { name: 'Demo cloud', url: 'http://127.0.0.1:54321', publishableKey: 'demo', source: 'demo' } as const

/** Somebody who decides from the desk. */
export const signedIn: SessionState = {
  kind: 'signed_in',
  person: {
    id: '5a1c0f9e-2f64-4c1e-9d0a-8a7f5f0c1b11' as PersonId,
    name: 'Rina Hartono',
    email: 'rina.hartono@demo.example',
    role: 'verifier',
    subRole: 'desk_verifier',
    grants: [],
    organizationId: '9b0f6c1d-0d52-4a60-a0ab-0f7b5d0f8c22' as OrganizationId,
    organizationName: 'Nusantara Assurance',
  },
  cloud: demoCloud,
  deviceId: 'd6a0c2f4-64e1-4c57-8ed3-3a3d9a4b7e10',
  needsPassword: false,
  protection: 'keychain',
}

/** Nobody, on the demo cloud. */
export const signedOut: SessionState = {
  kind: 'signed_out',
  clouds: [demoCloud],
  lastCloudUrl: demoCloud.url,
  lastEmail: null,
  demoPeople: [
    { email: 'amara@demo.example', password: 'demo', name: 'Amara Okafor', roleLabel: 'Accredited auditor' },
    { email: 'rina.hartono@demo.example', password: 'demo', name: 'Rina Hartono', roleLabel: 'Desk verifier' },
    { email: 'lucas@demo.example', password: 'demo', name: 'Lucas Moreira', roleLabel: 'Compliance officer' },
  ],
  notice: null,
  keychainAvailable: true,
}

/** Nobody, on a computer without keychain, after being signed out. */
export const signedOutWithoutKeychain: SessionState = {
  ...signedOut,
  notice: {
    code: 'account_suspended',
    message: 'Your account was suspended.',
    action: 'Ask the administrator of your registry. Your unsent work is kept here, encrypted.',
  },
  keychainAvailable: false,
}

/** A workspace that waits for its passphrase. */
export const locked: SessionState = { kind: 'locked', email: 'rina.hartono@demo.example', cloudName: 'Demo cloud' }
