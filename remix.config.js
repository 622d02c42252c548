import { flatRoutes } from 'remix-flat-routes'

const APP_PAGES = 'routes/_app+/_layout'

/**
 * Pages for people who are signed in have a second address each, `/w/<id>/agents` beside `/agents`, which names the workspace.
 *
 * @param {ReturnType<typeof flatRoutes>} routes
 */
function withWorkspaces(routes) {
  const isAppPage = (route) => route !== undefined && (route.id === APP_PAGES || isAppPage(routes[route.parentId]))
  const idOf = (id) => `workspace/${id}`
  const copies = Object.values(routes)
    .filter(isAppPage)
    .map((route) =>
      route.id === APP_PAGES
        ? { ...route, id: idOf(route.id), path: 'w/:workspaceId' }
        : { ...route, id: idOf(route.id), parentId: idOf(route.parentId) },
    )
  return { ...routes, ...Object.fromEntries(copies.map((route) => [route.id, route])) }
}

/** Options of the Remix plugin; `vite.config.ts` hands them on. */
export default {
  ignoredRouteFiles: ['**/*'],
  routes: (defineRoutes) =>
    withWorkspaces(flatRoutes('routes', defineRoutes, { ignoredRouteFiles: ['**/.*', '**/*.test.ts', '**/*.server.ts'] })),
  future: {
    v3_fetcherPersist: true,
    v3_relativeSplatPath: true,
    v3_throwAbortReason: true,
    v3_singleFetch: true,
    v3_lazyRouteDiscovery: true,
  },
}
