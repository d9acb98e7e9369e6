import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { contractVersion } from './shared/contract/channels.ts'

const root = import.meta.dirname

/** Entries of the main bundle: the program, its database worker, and the process that reads hostile files. */
const mainEntries = {
  main: 'electron/main.ts',
  worker: 'electron/worker/worker.ts',
  'hostile-child': 'electron/worker/hostile-child.ts',
} as const

const present = Object.fromEntries(
  Object.entries(mainEntries)
    .map(([name, path]) => [name, resolve(root, path)] as const)
    .filter(([, path]) => existsSync(path)),
)

export default defineConfig(({ command }) => {
  // A map with the sources in it would ship them; in development it is what the debugger shows.
  const sourcemap = command === 'serve'
  return {
    main: {
      build: {
        outDir: 'out/main',
        // Packages go into the bundle, which starts faster than a tree of files; what is native, or clashes with the bundler's own
        // `require`, stays outside.
        externalizeDeps: false,
        minify: false,
        sourcemap,
        target: 'node24',
        rolldownOptions: {
          input: present,
          external: ['better-sqlite3', 'fflate'],
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
        },
      },
    },
    preload: {
      define: { CONTRACT_VERSION: JSON.stringify(contractVersion) },
      build: {
        outDir: 'out/preload',
        // A sandboxed preload can require 'electron' and nothing else: all it imports has to be in the file.
        externalizeDeps: false,
        minify: false,
        sourcemap,
        rolldownOptions: {
          input: { preload: resolve(root, 'electron/preload.ts') },
          output: { format: 'cjs', entryFileNames: '[name].cjs' },
        },
      },
    },
    renderer: {
      root: resolve(root, 'renderer'),
      base: './',
      plugins: [react()],
      build: {
        outDir: resolve(root, 'out/renderer'),
        emptyOutDir: true,
        // The policy allows files of the bundle only: nothing may be written into the page or the style sheets as data.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        // What the first screen needs is parsed before its first row is painted.
        minify: command === 'build',
        sourcemap,
        rolldownOptions: {
          input: resolve(root, 'renderer/index.html'),
          // What every screen shares is one file beside the entry, not a dozen that are each asked for.
          output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 2, minSize: 0 }] } },
        },
      },
    },
  }
})
