import { createRequestHandler, type ServerBuild } from '@remix-run/node'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ViteDevServer } from 'vite'
import type { ResourceRoute } from './handler.ts'
import type { RequestContext } from './request-context.ts'
import { serveFolder, type ServeFile } from './static-files.ts'

/** The site as the server needs it: routes to call directly, pages to render, files to serve. */
export interface Site {
  routes: ResourceRoute[]
  renderPage(request: Request, context: RequestContext): Promise<Response>
  /** Serves a file of the build. */
  serveAsset: ServeFile
}

const root = new URL('../../', import.meta.url)

/** The production build. @throws Error when there is none yet. */
export async function loadProduction(): Promise<Site> {
  const entry = new URL('build/server/index.js', root)
  if (!existsSync(entry)) throw new Error('There is no build yet. `npm start` makes one; so does `npm run build`.')
  const build = (await import(/* @vite-ignore */ entry.href)) as ServerBuild
  return {
    routes: resourceRoutesOf(build),
    renderPage: createRequestHandler(build, 'production'),
    serveAsset: serveFolder(fileURLToPath(new URL('build/client', root))),
  }
}

/**
 * What Vite makes of the sources, anew for each page.
 *
 * @public `serve.ts` loads it through Vite, which no import shows.
 */
export async function loadLive(vite: ViteDevServer): Promise<Site> {
  const load = () => vite.ssrLoadModule('virtual:remix/server-build') as Promise<unknown> as Promise<ServerBuild>
  return {
    routes: resourceRoutesOf(await load()),
    renderPage: async (request, context) => createRequestHandler(await load(), 'development')(request, context),
    serveAsset: (request, response, next) => vite.middlewares(request, response, next),
  }
}

/** A route with no component answers by itself. */
function resourceRoutesOf(build: ServerBuild): ResourceRoute[] {
  return Object.values(build.routes)
    .filter((route) => route !== undefined)
    .filter(({ module }) => !module.default && (module.loader || module.action))
    .map(({ id, module }) => ({ path: pathOf(build, id), module }))
}

function pathOf(build: ServerBuild, id: string): string {
  const segments: string[] = []
  for (let route = build.routes[id]; route; route = route.parentId ? build.routes[route.parentId] : undefined)
    if (route.path) segments.unshift(route.path)
  return `/${segments.join('/')}`
}
