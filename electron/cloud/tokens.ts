/** What is kept of a session, in the encrypted database only: enough to renew it, and whose it is. */
export interface StoredTokens {
  readonly refreshToken: string
  readonly personId: string
  readonly email: string
}

/** Where the tokens of one workspace are kept. A null means that the password is needed next time. */
export interface TokenStore {
  read(): StoredTokens | null
  write(tokens: StoredTokens | null): void
}

/** Keeps tokens in memory until a workspace is open to take them. */
export function memoryTokenStore(initial: StoredTokens | null = null): TokenStore {
  let kept = initial
  return {
    read: () => kept,
    write: (tokens) => {
      kept = tokens
    },
  }
}
