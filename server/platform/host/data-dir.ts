import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What of the data folder this server makes itself, and nobody else has to read; agents have folders of their own. */
const PRIVATE = ['app-secret', 'pglite', 'files']
/** The bits of group and others. */
const OTHERS = 0o077

/**
 * Makes the data folder, and closes it and what is in it to other users of the machine: 0700 for folders and 0600 for
 * files, also for what is there from before.
 *
 * @returns how many files and folders were open.
 */
export async function prepareDataDir(dataDir: string): Promise<number> {
  // What the database and libraries write takes its mode from here.
  process.umask(OTHERS)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  let mended = await closeToOthers(dataDir)
  for (const name of PRIVATE) if (existsSync(join(dataDir, name))) mended += await closeTree(join(dataDir, name))
  return mended
}

async function closeTree(path: string): Promise<number> {
  const stats = await lstat(path)
  // What a link leads to is not part of the folder.
  if (stats.isSymbolicLink()) return 0
  let mended = await closeToOthers(path)
  if (stats.isDirectory()) for await (const { name } of await opendir(path)) mended += await closeTree(join(path, name))
  return mended
}

async function closeToOthers(path: string): Promise<number> {
  const { mode } = await stat(path)
  if ((mode & OTHERS) === 0) return 0
  await chmod(path, mode & 0o700)
  return 1
}
