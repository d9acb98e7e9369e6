import { expect, test } from 'vitest'
import { boundsToOpen, initialSize, minimumSize } from './window-bounds.ts'

const display = { x: 0, y: 0, width: 1920, height: 1080 }
const saved = { x: 100, y: 80, width: 1200, height: 800, maximized: false }

test('the first window has the initial size and no place', () => {
  expect(boundsToOpen(null, [display])).toEqual(initialSize)
})

test('a window comes back where it was left', () => {
  expect(boundsToOpen(saved, [display])).toEqual({ x: 100, y: 80, width: 1200, height: 800 })
})

test('a window on a display that is gone keeps its size alone', () => {
  expect(boundsToOpen({ ...saved, x: 3000 }, [display])).toEqual({ width: 1200, height: 800 })
  expect(boundsToOpen({ ...saved, y: -900 }, [display])).toEqual({ width: 1200, height: 800 })
  expect(boundsToOpen({ ...saved, x: 3000 }, [display, { ...display, x: 1920 }])).toMatchObject({ x: 3000 })
})

test('where the displays are not known the place is kept', () => {
  expect(boundsToOpen({ ...saved, x: 3000 }, [])).toMatchObject({ x: 3000 })
})

test('a size that is too small or not a number is put right', () => {
  expect(boundsToOpen({ ...saved, width: 10, height: 10 }, [display])).toMatchObject(minimumSize)
  expect(boundsToOpen({ ...saved, width: Number.NaN }, [display])).toEqual(initialSize)
})
