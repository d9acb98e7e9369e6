import { expect, test } from 'vitest'
import { isTrustedSender } from './trusted-sender.ts'

const trusted = { contentsId: () => 5, origins: ['app://bundle'] }
const frame = { url: 'app://bundle/index.html#/queue', parent: null }

test("the main frame of the program's own window is trusted", () => {
  expect(isTrustedSender({ sender: { id: 5 }, senderFrame: frame }, trusted)).toBe(true)
})

test.each([
  ['other contents', { sender: { id: 6 }, senderFrame: frame }],
  ['a frame that is gone', { sender: { id: 5 }, senderFrame: null }],
  ['a subframe', { sender: { id: 5 }, senderFrame: { ...frame, parent: {} } }],
  ['another host', { sender: { id: 5 }, senderFrame: { ...frame, url: 'app://other/index.html' } }],
  ['another scheme', { sender: { id: 5 }, senderFrame: { ...frame, url: 'https://bundle/index.html' } }],
  ['a host that begins alike', { sender: { id: 5 }, senderFrame: { ...frame, url: 'app://bundle.example.com/' } }],
  ['an empty page', { sender: { id: 5 }, senderFrame: { ...frame, url: 'about:blank' } }],
  ['no address', { sender: { id: 5 }, senderFrame: { ...frame, url: '' } }],
])('%s is not', (_who, caller) => {
  expect(isTrustedSender(caller, trusted)).toBe(false)
})

test('nobody is trusted before there is a window', () => {
  expect(isTrustedSender({ sender: { id: 5 }, senderFrame: frame }, { ...trusted, contentsId: () => null })).toBe(false)
})
