import { defineConfig } from 'vitest/config'

const minutes = 60_000

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['**/node_modules/**', 'e2e/**', 'out/**', 'dist/**'],
    // Tests run real databases, servers and browsers: processes keep native modules apart, and two fit on two cores.
    pool: 'forks',
    maxWorkers: 2,
    // On a build machine, which others may keep busy, a test gets a second try, and the closing lines name it. Elsewhere it gets none.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 2 * minutes,
    teardownTimeout: 30_000,
    passWithNoTests: false,
    env: { TZ: 'UTC' },
  },
})
