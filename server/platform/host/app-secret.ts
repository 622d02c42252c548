import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Env } from '../core/index.ts'
import { StartRefused } from './start-refused.ts'

/** As short as the variable may be. */
const MIN_CHARACTERS = 32

/**
 * `APP_SECRET`, or the one that was made in `DATA_DIR` on the first start.
 *
 * @throws StartRefused when the file is too short to be one, or is missing beside data that was sealed with it.
 */
export async function readAppSecret({ APP_SECRET, DATA_DIR }: Pick<Env, 'APP_SECRET' | 'DATA_DIR'>): Promise<string> {
  if (APP_SECRET) return APP_SECRET
  const path = join(DATA_DIR, 'app-secret')
  return (await readSecret(path)) ?? makeSecret(DATA_DIR, path)
}

async function readSecret(path: string): Promise<string | undefined> {
  let secret: string
  try {
    secret = (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (secret.length >= MIN_CHARACTERS) return secret
  throw new StartRefused(
    `The secret in ${path} has ${secret.length} characters, expected ${MIN_CHARACTERS} or more. Put a backup of the file back, or set APP_SECRET.`,
  )
}

async function makeSecret(dataDir: string, path: string): Promise<string> {
  // A database that was never finished is thrown away, so it holds nothing sealed.
  const hasData = existsSync(join(dataDir, 'pglite')) && !existsSync(join(dataDir, 'pglite.unfinished'))
  if (hasData) {
    throw new StartRefused(
      `The secret ${path} is missing beside a database that was sealed with it. Put a backup of the file back, or set APP_SECRET to what was in it.`,
    )
  }
  const secret = randomBytes(48).toString('base64url')
  return (await writeOnce(path, `${secret}\n`)) ? secret : (await readSecret(path))!
}

/** Writes a file whole and to the disk, unless there is one. @returns whether it was written. */
async function writeOnce(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  try {
    await using file = await open(draft, 'w', 0o600)
    await file.writeFile(content)
    await file.sync()
    // Linking, unlike renaming, does not replace what another process wrote meanwhile.
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft).catch(() => undefined)
  }
}
