import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { DEMO_PASSWORD, demoPeopleWithoutAccess } from '../../tools/demo-data/people.ts'
import { expect, test } from '../fixtures/journey.ts'
import { enterAccount, mirrored, personNamed, queue, signInAs, statusBar } from '../fixtures/sign-in.ts'

const desk = personNamed('Wei Ling Tan')

/** Names a cloud by address and key, and leaves the form for it. */
async function nameCloud(page: Page, url: string, key = 'sb_publishable_somebody_elses'): Promise<void> {
  const other = page.getByRole('button', { name: 'Use another cloud' })
  if (await other.isVisible()) await other.click()
  await page.getByLabel('Project address').fill(url)
  await page.getByLabel('Publishable key').fill(key)
  await page.getByRole('button', { name: 'Use this cloud' }).click()
}

/** A web server that is no Supabase project: first it answers as the sign-in page of a guest network does, then with JSON. */
async function startWebSite(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  let asks = 0
  const server = createServer((_request, response) => {
    asks += 1
    if (asks === 1) response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Guests</title>')
    else response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"no such thing"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${String(port)}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('one click signs a demo person in, and the next start needs none', async ({ demoCloud, openProgram }) => {
  const first = await openProgram({ environment: demoCloud.environment })
  await signInAs(first.page, desk)
  await expect(first.page.getByRole('button', { name: `account of ${desk.name}` })).toBeVisible()
  await expect(statusBar(first.page)).toContainText('Online')
  const rows = await queue(first.page).getAttribute('aria-rowcount')
  await first.app.close()

  const second = await openProgram({ environment: demoCloud.environment })
  await expect(queue(second.page)).toHaveAttribute('aria-rowcount', rows ?? '')
  await second.page.getByRole('button', { name: `account of ${desk.name}` }).click()
  await second.page.getByRole('button', { name: 'Sign out' }).click()
  await expect(second.page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expect(second.page.getByLabel('Email')).toHaveValue(desk.email)
})

test('the keyboard alone signs in, and lands on the rows', async ({ demoCloud, openProgram }) => {
  const { page } = await openProgram({ environment: demoCloud.environment })
  const button = page.getByRole('button', { name: desk.name })
  await expect(button).toBeEnabled()
  const isFocused = () => button.evaluate((element) => element === document.activeElement)
  for (let tabs = 0; tabs < 20 && !(await isFocused()); tabs += 1) await page.keyboard.press('Tab')
  await expect(button).toBeFocused()
  await page.keyboard.press('Enter')
  await mirrored(page)
  await page.keyboard.press('j')
  await expect(queue(page).getByRole('row').nth(2)).toBeFocused()
})

test('a wrong password and an account without access are told why, and leave nothing here', async ({
  demoCloud,
  openProgram,
}) => {
  const { page } = await openProgram({ environment: demoCloud.environment })
  const answer = page.getByRole('alert')
  await enterAccount(page, desk.email, 'not the password')
  await expect(answer).toContainText('The e-mail address or the password is not right.')
  await expect(page.getByLabel('Email')).toHaveValue(desk.email)

  const [pending, rejected, suspended] = demoPeopleWithoutAccess()
  await enterAccount(page, pending?.email ?? '', DEMO_PASSWORD)
  await expect(answer).toContainText('This account has not been approved yet.Wait for an administrator to approve it')
  await enterAccount(page, rejected?.email ?? '', DEMO_PASSWORD)
  await expect(answer).toContainText('This account was not approved')
  await enterAccount(page, suspended?.email ?? '', DEMO_PASSWORD)
  await expect(answer).toContainText('This account is suspended.Ask an administrator to reactivate it.')
  await expect(queue(page)).toHaveCount(0)

  await enterAccount(page, desk.email, desk.password)
  await mirrored(page)
})

test('a cloud that is down or none at all is called so in plain words', async ({ openProgram }) => {
  const site = await startWebSite()
  const { page } = await openProgram({ environment: { VERIDESK_ALLOW_PLAIN_KEYCHAIN: '1' } })
  const answer = page.getByRole('region', { name: 'Cloud' }).getByRole('status')
  const tryOut = page.getByRole('button', { name: 'Test connection' })
  await nameCloud(page, `${site.url}/some/path`)
  await tryOut.click()
  await expect(answer).toContainText('A sign-in page of the network answers in place of')
  await tryOut.click()
  await expect(answer).toContainText('it is not a Supabase project')
  await expect(answer).toContainText('Check the address; it is the API address of the project')

  await site.stop()
  await tryOut.click()
  await expect(answer).toContainText('nothing answers at that address')
  await enterAccount(page, desk.email, desk.password)
  await expect(page.getByRole('alert')).toContainText('nothing answers at that address')
  await expect(page.getByRole('alert')).toContainText('try again')
})

test('an organization file names the cloud, and a secret key is refused', async ({ demoCloud, openProgram }) => {
  const { page } = await openProgram()
  const file = page.locator('input[type=file][aria-label="Organization file"]')
  const give = (content: unknown) =>
    file.setInputFiles({
      name: 'halden-moore.json',
      mimeType: 'application/json',
      buffer: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
    })
  const fields = { name: 'Halden Moore Assurance', url: demoCloud.url, publishableKey: demoCloud.publishableKey }
  await give('this is no JSON')
  await expect(page.getByRole('alert')).toContainText('This is not an organization file.')
  await give({ ...fields, url: undefined })
  await expect(page.getByRole('alert')).toContainText('no usable "url"')
  await give({ ...fields, publishableKey: 'sb_secret_of_the_server' })
  await expect(page.getByRole('alert')).toContainText('It must not be on a workstation.')

  await give(fields)
  await expect(page.getByRole('region', { name: 'Cloud' })).toContainText('Halden Moore Assurance')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText('answers and is ready for this program')).toBeVisible()
  // Where the system keeps no secrets, nobody gets in without a passphrase for the local data.
  await expect(page.getByText('This computer keeps no secrets by itself')).toBeVisible()
  await page.getByLabel('Passphrase', { exact: true }).fill('short')
  await page.getByLabel('Passphrase again').fill('short')
  await enterAccount(page, desk.email, desk.password)
  await expect(page.getByText('Use at least 8 characters.')).toBeVisible()
  await page.getByLabel('Passphrase', { exact: true }).fill('a desk in Surabaya')
  await page.getByLabel('Passphrase again').fill('a desk in Surabaya')
  await enterAccount(page, desk.email, desk.password)
  await mirrored(page)
})

test('a workspace under a passphrase opens at the next start with it and not without', async ({
  demoCloud,
  openProgram,
}) => {
  const passphrase = 'correct horse battery'
  const first = await openProgram({ environment: demoCloud.environment })
  await first.page.getByRole('checkbox', { name: /Protect this computer/ }).click()
  await first.page.getByLabel('Passphrase', { exact: true }).fill(passphrase)
  await first.page.getByLabel('Passphrase again').fill('something else')
  await enterAccount(first.page, desk.email, desk.password)
  await expect(first.page.getByText('The two passphrases are not the same.')).toBeVisible()
  await first.page.getByLabel('Passphrase again').fill(passphrase)
  await enterAccount(first.page, desk.email, desk.password)
  await mirrored(first.page)
  await first.app.close()

  const { page } = await openProgram({ environment: demoCloud.environment })
  await expect(page.getByRole('heading', { name: 'Unlock your desk' })).toBeVisible()
  await expect(page.getByLabel('Passphrase')).toBeFocused()
  await page.keyboard.type('a wrong passphrase')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('That is not the passphrase of this computer.')
  await page.getByLabel('Passphrase').fill(passphrase)
  await page.keyboard.press('Enter')
  await mirrored(page)
})

test('a managed computer has one cloud and no choice', async ({ demoCloud, openProgram }) => {
  const { page } = await openProgram({
    environment: {
      VERIDESK_CLOUD_URL: demoCloud.url,
      VERIDESK_CLOUD_KEY: demoCloud.publishableKey,
      VERIDESK_CLOUD_NAME: 'Network Review Office',
      VERIDESK_ALLOW_PLAIN_KEYCHAIN: '1',
    },
  })
  const cloud = page.getByRole('region', { name: 'Cloud' })
  await expect(cloud).toContainText('Network Review Office')
  await expect(cloud).toContainText('This computer’s administrator chose the cloud.')
  await expect(page.getByRole('button', { name: 'Use another cloud' })).toHaveCount(0)
  await expect(page.getByRole('combobox', { name: 'Cloud' })).toHaveCount(0)
  await enterAccount(page, desk.email, desk.password)
  await mirrored(page)
})
