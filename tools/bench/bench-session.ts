import { memoryTokenStore, type TokenStore } from '../../electron/cloud/tokens.ts'
import type { Person } from '../../shared/domain/person.ts'

/** What a stand-in cloud answers to whoever asks for a token. */
export const benchSession = {
  access_token: 'bench',
  token_type: 'bearer',
  expires_in: 36_000,
  refresh_token: 'bench',
  user: { id: '00000000-0000-4000-8000-000000000000', email: 'bench@example.org' },
} as const

/** The tokens of a person who signed in at a stand-in cloud before. */
export const benchTokens = ({ id, email }: Pick<Person, 'id' | 'email'>): TokenStore =>
  memoryTokenStore({ refreshToken: 'bench', personId: id, email })
