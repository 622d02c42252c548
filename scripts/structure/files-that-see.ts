import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importsOf } from './imports.ts'

/** Those of `files` in which a text stands, or in anything of the project that they import. All are paths from its root. */
export function filesThatSee(root: string, text: string, files: readonly string[]): string[] {
  const importers = new Map<string, string[]>()
  const reached = new Set(files)
  for (const file of reached)
    for (const imported of importsOf(root, file)) {
      importers.set(imported, [...(importers.get(imported) ?? []), file])
      reached.add(imported)
    }
  const seeing = new Set([...reached].filter((file) => readFileSync(join(root, file), 'utf8').includes(text)))
  for (const file of seeing) for (const importer of importers.get(file) ?? []) seeing.add(importer)
  return files.filter((file) => seeing.has(file))
}
