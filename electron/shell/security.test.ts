import { expect, test } from 'vitest'
import { mayNavigateTo } from './security.ts'

test('the window may go to its own page', () => {
  for (const url of ['app://bundle', 'app://bundle/', 'app://bundle/index.html', 'app://bundle/index.html#/queue?x=1'])
    expect(mayNavigateTo(url), url).toBe(true)
})

test('it may go nowhere else', () => {
  for (const url of [
    'app://bundle/evidence/token',
    'app://bundle/assets/main.js',
    'app://bundle.example.com/index.html',
    'app://other/index.html',
    'https://bundle/index.html',
    'file:///index.html',
    'javascript:alert(1)',
    'about:blank',
    'nothing',
    'http://localhost:5173/',
  ])
    expect(mayNavigateTo(url), url).toBe(false)
})

test('in development the development server counts, to the port', () => {
  const places = { developmentOrigin: 'http://localhost:5173' }
  expect(mayNavigateTo('http://localhost:5173/index.html', places)).toBe(true)
  expect(mayNavigateTo('http://localhost:5174/index.html', places)).toBe(false)
  expect(mayNavigateTo('app://bundle/index.html', places)).toBe(true)
})
