import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e/journeys',
  outputDir: 'out/e2e-results',
  // One window, one database, one local cloud at a time; a journey that needs a second try has a fault.
  workers: 1,
  retries: 0,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: 'out/e2e.json' }]],
  use: { trace: 'retain-on-failure' },
})
