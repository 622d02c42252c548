import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'

const BUILT = 'build/database.tar'
/** What the build is made from; server code stays outside of it. */
const SOURCES = ['app/**/*', 'public/**/*', 'server/**/*.contract.ts', 'db/**/*', 'remix.config.js', 'vite.config.ts', 'package-lock.json']

/** Builds the pages and the template of the database, unless the build is newer than everything it is made from. */
export function ensureBuilt(): void {
  const builtAt = modifiedAt(BUILT)
  if (globSync(SOURCES).every((file) => modifiedAt(file) <= builtAt)) return
  console.log('Building (only after the sources have changed) ...')
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
  if (status !== 0) throw new Error('The build failed.')
}

const modifiedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
