// Who may import whom. `npm run check` holds the line.
const no = (name, from, to, comment) => ({ name, severity: 'error', comment, from: { path: from }, to })

module.exports = {
  forbidden: [
    no('db-knows-nobody', '^db/', { path: '^(app|schema|server)/' }, 'The database layer is below everything.'),
    no(
      'server-knows-no-transport',
      '^server/',
      { path: '^(app|schema)/|node_modules/(@remix-run|@trpc|@pothos|graphql)' },
      'The product knows no transport.',
    ),
    no('schema-knows-no-app', '^schema/', { path: '^app/' }, 'GraphQL is mounted by the app, not the other way round.'),
    no(
      'transports-see-operations-only',
      '^(app/(?!http/server\\.ts)|schema/)',
      { path: '^(db|server)/', pathNot: '^server/(platform|identity/auth)/|^server/operations\\.ts$|\\.(contract|operations|rest)\\.ts$' },
      'A transport calls operations; only the server entry starts the rest.',
    ),
    no(
      'sql-in-queries',
      '^server/(?!(platform|identity/auth)/)(?!.*\\.queries\\.ts$)',
      { path: '^db/', pathNot: '^db/client\\.ts$' },
      'SQL lives in *.queries.ts.',
    ),
    {
      ...no('domains-meet-at-services', '^server/([^/]+/[^/]+)/', { path: '^server/.+\\.queries\\.ts$', pathNot: '^server/$1/' }),
      comment: "Another domain's rows are reached through its service.",
    },
    no(
      'contract-is-browser-safe',
      '\\.contract\\.ts$',
      { pathNot: 'node_modules/zod|\\.contract\\.ts$' },
      'Forms in the browser use the contracts.',
    ),
    no(
      'only-sessions-use-lucia',
      '^server/(?!identity/auth/sessions\\.ts$)',
      { path: 'node_modules/lucia' },
      'Lucia is no longer maintained upstream.',
    ),
    no(
      'only-models-use-providers',
      '^(server/(?!models/)|app/|schema/)',
      { path: 'node_modules/(ai|@ai-sdk|@openrouter)/' },
      'One module talks to model providers.',
    ),
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'No cycles, of types neither.',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|sdk/dist|data)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
}
