/**
 * Who may import whom. Each rule is a row of the table in ARCHITECTURE.md; a violation fails `npm test`.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const test = '(\\.(test|property\\.test)\\.tsx?$|/testing/|/testing\\.ts$)'

/** One row: files under `from` may import from these folders, Node's own modules and packages; nothing else. */
const row = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: test },
  to: {
    pathNot: [...allowed, 'node_modules'],
    dependencyTypesNot: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-no-pkg'],
  },
})

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-tools',
      severity: 'error',
      comment: 'tools are never shipped',
      from: { pathNot: ['^(tools|e2e|supabase/tests)/', test] },
      to: { path: '^tools/' },
    },
    {
      name: 'not-to-main',
      severity: 'error',
      comment: 'main.ts is the composition root',
      from: {},
      to: { path: '^electron/main\\.ts$' },
    },
    {
      name: 'not-to-test',
      severity: 'error',
      from: { pathNot: [test, '^(e2e|tools)/'] },
      to: { path: test },
    },
    {
      // Peers are installed for the bench alone, into a folder of its own.
      name: 'not-to-unresolvable',
      severity: 'error',
      from: { pathNot: '^tools/bench/peers/' },
      to: { couldNotResolve: true, pathNot: '\\?|^virtual:' },
    },

    row('shared', '^shared/', ['^shared/'], 'shared knows only itself and the schema library'),
    row('shared-domain', '^shared/domain/', ['^shared/(domain|result|assert-never)'], 'the domain is pure'),
    {
      name: 'shared-packages',
      severity: 'error',
      comment: 'shared imports no package but the schema library and canonical JSON',
      from: { path: '^shared/', pathNot: test },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/(zod|canonicalize)/' },
    },
    row('migrations', '^migrations/', ['^migrations/'], 'frozen history: no application types'),
    {
      name: 'migrations-packages',
      severity: 'error',
      from: { path: '^migrations/', pathNot: test },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/kysely/' },
    },
    row(
      'renderer',
      '^renderer/',
      ['^renderer/', '^shared/'],
      'the renderer reaches the program only through its bridge',
    ),
    {
      name: 'renderer-no-node',
      severity: 'error',
      from: { path: '^renderer/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'features-apart',
      severity: 'error',
      comment: 'features do not import each other',
      from: { path: '^renderer/features/([^/]+)/' },
      to: { path: '^renderer/features/([^/]+)/', pathNot: '^renderer/features/$1/' },
    },
    row('renderer-ui', '^renderer/ui/', ['^renderer/ui/', '^shared/'], 'ui takes props and callbacks only'),
    row(
      'electron',
      '^electron/',
      ['^electron/', '^shared/', '^migrations/'],
      'the main process imports shared and migrations',
    ),
    row('preload', '^electron/preload\\.ts$', ['^shared/contract/'], 'the preload needs only electron'),
    row('cloud-leaf', '^electron/cloud/', ['^electron/cloud/', '^shared/'], 'cloud is a leaf'),
    row('signing-leaf', '^electron/signing/', ['^electron/signing/', '^shared/'], 'signing is a leaf'),
    row('platform-leaf', '^electron/platform/', ['^electron/platform/', '^shared/'], 'platform is a leaf'),
    row(
      'database',
      '^electron/database/',
      ['^electron/(database|platform)/', '^shared/', '^migrations/'],
      'the database knows no noun',
    ),
    {
      name: 'nouns-below-ipc-and-sync',
      severity: 'error',
      comment: 'ipc and sync call the nouns, never the other way round; nouns never touch the network',
      from: {
        path: '^electron/(access-grants|batches|decisions|findings|evidence|rubrics|scores|certificates|audit-trail|reports|outbox|drafts|sync-journal)/',
        pathNot: test,
      },
      to: { path: '^electron/(ipc|sync|cloud|workspace)/' },
    },
    {
      name: 'only-certificates-sign',
      severity: 'error',
      from: {
        path: '^electron/',
        pathNot: ['^electron/(certificates|signing|reports|worker)/', '^electron/main\\.ts$', test],
      },
      to: { path: '^electron/signing/' },
    },
    row(
      'functions',
      '^supabase/functions/([^/]+)/',
      ['^supabase/functions/$1/', '^supabase/functions/_shared/'],
      'a function runs on Deno with the web platform alone',
    ),
    row('e2e', '^e2e/', ['^e2e/', '^shared/', '^tools/'], 'journeys drive the built program'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist|node_modules)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
