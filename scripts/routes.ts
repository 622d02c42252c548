import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { flatRoutes } from 'remix-flat-routes'
import type { ResourceRoute } from '../app/http/handler.ts'
import { isByAction } from '../server/platform/operations/rest.ts'
import type { RestHandler } from '../app/http/rest.server.ts'
import type { Preflight } from '../server/platform/operations/rest.ts'

interface ManifestEntry {
  id: string
  file: string
  path?: string
  parentId?: string
}

/** The resource routes under `app/routes`, read off the file names as Remix does, without a build. */
export async function loadResourceRoutes(): Promise<(ResourceRoute & { file: string })[]> {
  const manifest = readManifest()
  const entries = Object.values(manifest).filter(({ file }) => file.endsWith('.ts'))
  return Promise.all(
    entries.map(async (entry) => ({
      path: fullPath(manifest, entry),
      file: entry.file,
      module: (await import(pathToFileURL(resolve('app', entry.file)).href)) as ResourceRoute['module'],
    })),
  )
}

interface RestPath {
  /** As in `/v1/models/*`. */
  path: string
  /** As in `/v1/models/{model}`. */
  documentPath: string
  bindings: RestHandler['bindings']
  preflight: Preflight | undefined
}

/** What each REST path binds. */
export async function loadRestBindings(): Promise<RestPath[]> {
  const routes = await loadResourceRoutes()
  return routes.flatMap(({ path, module }) => {
    const { bindings, preflight } = module.loader as Partial<RestHandler>
    return bindings ? [{ path, documentPath: documentPathOf(path, bindings), bindings, preflight }] : []
  })
}

/** The path as documents write it; what a last `*` is called there, the binding says. */
function documentPathOf(path: string, bindings: RestHandler['bindings']): string {
  const [entry] = Object.values(bindings)
  const rest = entry && !isByAction(entry) ? entry.params?.['*'] : undefined
  return path.replace(/:(\w+)/g, '{$1}').replace(/\*$/, `{${rest}}`)
}

function readManifest(): Record<string, ManifestEntry> {
  const manifest: Record<string, ManifestEntry> = {}
  const parents: string[] = []
  const route: DefineRoute = (path, file, optionsOrChildren, children = optionsOrChildren) => {
    const id = file.replace(/\.[a-z]+$/, '')
    const parentId = parents.at(-1)
    manifest[id] = { id, file, ...(path ? { path } : {}), ...(parentId ? { parentId } : {}) }
    if (typeof children !== 'function') return
    parents.push(id)
    children()
    parents.pop()
  }
  const collect = (define: (route: DefineRoute) => void) => {
    define(route)
    return manifest
  }
  flatRoutes('routes', collect as never, { ignoredRouteFiles: ['**/.*', '**/*.server.ts'] })
  return manifest
}

/** Remix's own route builder, of which only the names are wanted here. */
type DefineRoute = (path: string | undefined, file: string, optionsOrChildren?: unknown, children?: unknown) => void

function fullPath(manifest: Record<string, ManifestEntry>, entry: ManifestEntry): string {
  const segments: string[] = []
  for (let route: ManifestEntry | undefined = entry; route; route = route.parentId ? manifest[route.parentId] : undefined)
    if (route.path) segments.unshift(route.path)
  return `/${segments.join('/')}`
}
