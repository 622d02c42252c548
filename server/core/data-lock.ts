import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

interface Holder {
  pid: number
  host: string
  since: string
  /** Tells a process from a later one that got the same id; absent where the system does not say. */
  birth?: string
}

/** Another process works on the data folder. */
export class DataDirInUse extends Error {
  constructor(dataDir: string, { pid, host, since }: Holder) {
    super(
      `The data folder ${dataDir} is in use by process ${pid} on ${host} since ${since}. Stop that server first, or set another DATA_DIR.`,
    )
  }
}

/**
 * Takes the data folder for this process, because two processes on one embedded database destroy it.
 * A lock whose process is gone is taken over.
 *
 * @returns a function that gives the folder back.
 * @throws DataDirInUse naming the process that holds it.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, 'server.lock')
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    birth: birthOf(process.pid),
  } satisfies Holder)
  const draft = `${path}.${process.pid}`
  await writeFile(draft, mine, { mode: 0o600 })
  try {
    while (!(await tryLink(draft, path))) await removeIfStale(dataDir, path)
  } finally {
    await unlink(draft)
  }
  return async () => {
    if ((await readFile(path, 'utf8').catch(() => '')) === mine) await unlink(path)
  }
}

/** Linking either makes the lock or fails because there is one: nothing in between. */
async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function removeIfStale(dataDir: string, path: string): Promise<void> {
  const content = await readFile(path, 'utf8').catch(() => undefined)
  if (content === undefined) return
  const holder = parse(content)
  if (holder && isAlive(holder)) throw new DataDirInUse(dataDir, holder)
  const aside = `${path}.stale.${process.pid}`
  await rename(path, aside).catch(() => undefined)
  const moved = await readFile(aside, 'utf8').catch(() => undefined)
  // Another process may have taken the lock over since it was read: that one has to get it back.
  if (moved !== undefined && moved !== content) await link(aside, path).catch(() => undefined)
  await unlink(aside).catch(() => undefined)
}

function parse(content: string): Holder | undefined {
  try {
    return JSON.parse(content) as Holder
  } catch {
    return undefined
  }
}

function isAlive({ pid, host, birth }: Holder): boolean {
  // A folder shared over the network: this machine cannot tell, so it stays away.
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return birth === undefined || birth === birthOf(pid)
}

/** The start time of a process in clock ticks since boot, where `/proc` exists. */
function birthOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]
  } catch {
    return undefined
  }
}
