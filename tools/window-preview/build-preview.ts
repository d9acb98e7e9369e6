import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'

const root = join(import.meta.dirname, '..', '..')

/** The built window and the script that stands in for the program. */
export interface BuiltPreview {
  readonly directory: string
  readonly bridgeScript: string
}

/** Builds the window as the program does, and the fake bridge as one script, into a directory. */
export async function buildPreview(directory: string): Promise<BuiltPreview> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: join(root, 'renderer'),
    base: './',
    plugins: [react()],
    build: {
      outDir: join(directory, 'window'),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  })
  await build({
    configFile: false,
    logLevel: 'warn',
    root,
    build: {
      outDir: join(directory, 'bridge'),
      emptyOutDir: true,
      lib: {
        entry: join(import.meta.dirname, 'fake-bridge.ts'),
        formats: ['iife'],
        name: 'preview',
        fileName: () => 'bridge.js',
      },
    },
  })
  return {
    directory: join(directory, 'window'),
    bridgeScript: await readFile(join(directory, 'bridge', 'bridge.js'), 'utf8'),
  }
}
