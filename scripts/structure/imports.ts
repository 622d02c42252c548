import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { layers } from './areas.ts'

/** One import of a file of the project by another, both as paths from its root. */
export interface Import {
  from: string
  to: string
}

/** All imports between the files of the program under `root`: of types and values, at the start and later. Tests are left out. */
export function readImports(root: string): Import[] {
  return globSync(`{${layers.join(',')}}/**/*.{ts,tsx}`, { cwd: root })
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .sort()
    .flatMap((from) => importsOf(root, from).map((to) => ({ from, to })))
}

/** The files of the project that one imports, as paths from its root: types and values, at the start and later. */
export function importsOf(root: string, from: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, from), 'utf8'), true, true)
  return importedFiles.flatMap(({ fileName }) => {
    const to = resolve(from, fileName)
    return to !== undefined && existsSync(join(root, to)) ? [to] : []
  })
}

/** The file a specifier names; undefined for packages. `#server/...` is `server/...`, as `package.json` says. */
function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1)
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier.replace(/\?.*$/, '')) : undefined
}
