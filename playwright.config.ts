import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e/journeys',
  outputDir: 'out/e2e-results',
  // One window, one database, one local cloud at a time. On a build machine a journey gets a second try, and the report names it as
  // flaky: a real window on a busy machine may lose a race that is not the program's. Elsewhere it gets none.
  workers: 1,
  retries: process.env.CI ? 1 : 0,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: 'out/e2e.json' }]],
  use: { trace: 'retain-on-failure' },
})
