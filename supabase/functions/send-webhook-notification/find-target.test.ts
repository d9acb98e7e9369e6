import { describe, expect, test } from 'vitest'
import { findTarget } from './find-target.ts'
import { isPublicAddress } from './public-address.ts'

const resolvesTo =
  (...addresses: readonly string[]) =>
  async () =>
    addresses
const never = async (): Promise<never> => {
  throw new Error('an address is not resolved')
}
const development = { VERIDESK_ENVIRONMENT: 'development', VERIDESK_WEBHOOK_LOOPBACK: '127.0.0.1:4000, [::1]:4000' }

describe('addresses that are not public', () => {
  test.each([
    ['0.0.0.0', 'this network'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'carrier NAT'],
    ['100.127.255.255', 'carrier NAT'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.169.254', 'link-local, metadata of hosts'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.8', 'protocol assignments'],
    ['192.0.2.1', 'documentation'],
    ['192.88.99.1', '6to4 relay'],
    ['192.168.0.1', 'private'],
    ['198.18.0.1', 'benchmarks'],
    ['198.51.100.1', 'documentation'],
    ['203.0.113.1', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'IPv4-mapped'],
    ['::ffff:7f00:1', 'IPv4-mapped'],
    ['::ffff:8.8.8.8', 'IPv4-mapped'],
    ['::127.0.0.1', 'IPv4-compatible'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b::10.0.0.1', 'NAT64'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['100::1', 'discard'],
    ['2001::1', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4'],
    ['3fff::1', 'documentation'],
    ['5f00::1', 'segment routing'],
    ['fc00::1', 'unique local'],
    ['fd12:3456::1', 'unique local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['256.1.1.1', 'no address'],
    ['1.2.3', 'no address'],
    ['01.2.3.4', 'octal'],
    ['1:2:3', 'no address'],
    ['::1::', 'no address'],
    ['example.org', 'no address'],
    ['', 'no address'],
  ])('%s (%s)', async (address) => {
    expect(isPublicAddress(address)).toBe(false)
    expect(await findTarget('https://example.org/', {}, resolvesTo('93.184.215.14', address))).toHaveProperty('refused')
  })
})

test.each([
  '1.1.1.1',
  '93.184.215.14',
  '100.63.255.255',
  '172.32.0.1',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450:4001:830::200e',
])('the address %s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

describe('spellings of an address of this machine or its network', () => {
  test.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://127.0.0.1./',
    'https://%31%32%37.0.0.1/',
    'https://１２７.0.0.1/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[64:ff9b::169.254.169.254]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://10.0.0.1:8443/',
  ])('%s is refused for good and not resolved', async (url) => {
    expect(await findTarget(url, {}, never)).toMatchObject({ final: true })
  })
})

describe('addresses that are refused for their form', () => {
  test.each([
    'http://example.org/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'gopher://example.org/',
    'https://user@example.org/',
    'https://user:word@example.org/',
    'https://example.org:22/',
    'https://example.org:5432/',
    'https://example.org:80/',
    'not an address',
  ])('%s', async (url) => {
    expect(await findTarget(url, {}, resolvesTo('93.184.215.14'))).toMatchObject({ final: true })
  })
})

test('a name is sent to only when every address of it is public, and the addresses checked are those that are used', async () => {
  const found = await findTarget('https://example.org:8443/a?b=c', {}, resolvesTo('93.184.215.14', '2606:4700::1111'))
  expect(found).toMatchObject({ addresses: ['93.184.215.14', '2606:4700::1111'] })
  for (const addresses of [[], ['93.184.215.14', '10.0.0.1'], ['::1']])
    expect(await findTarget('https://example.org/', {}, resolvesTo(...addresses)), addresses.join()).toMatchObject({
      final: false,
    })
  expect(await findTarget('https://example.org/', {}, never)).toMatchObject({ final: false })
})

test('this machine is sent to in development alone, and there only at the ports that are named', async () => {
  for (const url of ['http://127.0.0.1:4000/', 'http://[::1]:4000/x'])
    expect(await findTarget(url, development, never), url).toHaveProperty('addresses')
  for (const url of [
    'http://127.0.0.1:4001/',
    'http://127.0.0.2:4000/',
    'http://10.0.0.1:4000/',
    'http://example.org:4000/',
  ])
    expect(await findTarget(url, development, resolvesTo('127.0.0.1')), url).toHaveProperty('refused')
  const { VERIDESK_WEBHOOK_LOOPBACK } = development
  for (const environment of [
    {},
    { VERIDESK_WEBHOOK_LOOPBACK },
    { VERIDESK_WEBHOOK_LOOPBACK, VERIDESK_ENVIRONMENT: 'production' },
  ])
    expect(await findTarget('http://127.0.0.1:4000/', environment, never)).toMatchObject({ final: true })
  const named = { ...development, VERIDESK_WEBHOOK_LOOPBACK: '10.0.0.1:4000' }
  expect(await findTarget('http://10.0.0.1:4000/', named, never), 'a listed host of the network').toMatchObject({
    final: true,
  })
})
