import { link, open, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { StartRefused } from './start-refused.ts'

/** How long a lock counts that is not renewed, where this machine cannot see whether its holder lives. */
const LEASE_MS = 30_000
const RENEW_MS = 5_000

interface Holder {
  pid: number
  host: string
  since: string
  /** Tells a process from a later one that got the same id; absent where the system does not say. */
  birth?: string
}

/** Another process works on the data folder. */
export class DataDirInUse extends StartRefused {
  constructor(dataDir: string, path: string, { pid, host, since }: Holder, expiresInMs?: number) {
    const wayOut =
      expiresInMs === undefined
        ? 'Stop that server first, or set another DATA_DIR.'
        : `Stop that server first, or set another DATA_DIR. If it is gone, its lock ${path} expires in ${Math.ceil(expiresInMs / 1000)} s; start again then, or delete that file now.`
    super(`The data folder ${dataDir} is in use by process ${pid} on ${host} since ${since}. ${wayOut}`)
  }
}

/** The data folder, held by this process. */
export interface DataDirLock {
  /** Gives the folder back. */
  release(): Promise<void>
}

/**
 * Takes the data folder for this process, because two processes on one embedded database destroy it. The lock is a
 * lease that is renewed while the process lives. One of this machine is taken over as soon as its process is gone,
 * one of another machine or container when it was not renewed for 30 seconds.
 *
 * @param onLost Called when another process has taken the folder over, such as after this one was frozen: it must not
 * write any more.
 * @throws DataDirInUse naming the process that holds it, the file and the way out.
 */
export async function lockDataDir(dataDir: string, onLost: (reason: string) => void): Promise<DataDirLock> {
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
    while (!(await tryLink(draft, path))) await removeIfStale(dataDir, path, draft)
  } finally {
    await unlink(draft)
  }
  const renew = async () => {
    if (await rewrite(path, mine)) return
    clearInterval(timer)
    onLost(`The lock ${path} is gone: another process may work on the data folder now.`)
  }
  // A disk that fails for a moment is no reason to stop; the next renewal tells.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_MS)
  timer.unref()
  return {
    async release() {
      clearInterval(timer)
      if ((await readFile(path, 'utf8').catch(() => '')) === mine) await unlink(path)
    },
  }
}

/**
 * Writes the same content again, so that the disk notes the time: its own, which another machine sees too.
 *
 * @returns whether the lock still has that content. Over the open file, so that the lock of somebody else is never overwritten.
 */
async function rewrite(path: string, content: string): Promise<boolean> {
  try {
    await using file = await open(path, 'r+')
    if ((await file.readFile('utf8')) !== content) return false
    await file.write(content, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
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

async function removeIfStale(dataDir: string, path: string, draft: string): Promise<void> {
  const content = await readFile(path, 'utf8').catch(() => undefined)
  if (content === undefined) return
  const holder = parse(content)
  if (holder) await refuseIfHeld(dataDir, path, holder, draft)
  const aside = `${path}.stale.${process.pid}`
  await rename(path, aside).catch(() => undefined)
  const moved = await readFile(aside, 'utf8').catch(() => undefined)
  // Another process may have taken the lock over since it was read: that one has to get it back.
  if (moved !== undefined && moved !== content) await link(aside, path).catch(() => undefined)
  await unlink(aside).catch(() => undefined)
}

async function refuseIfHeld(dataDir: string, path: string, holder: Holder, draft: string): Promise<void> {
  if (holder.host === hostname()) {
    if (isAlive(holder)) throw new DataDirInUse(dataDir, path, holder)
    return
  }
  // Both times are the disk's own: the clocks of two machines may differ.
  await writeFile(draft, await readFile(draft))
  const [renewed, now] = await Promise.all([stat(path), stat(draft)])
  const expiresInMs = renewed.mtimeMs + LEASE_MS - now.mtimeMs
  if (expiresInMs > 0) throw new DataDirInUse(dataDir, path, holder, expiresInMs)
}

function parse(content: string): Holder | undefined {
  try {
    return JSON.parse(content) as Holder
  } catch {
    return undefined
  }
}

function isAlive({ pid, birth }: Holder): boolean {
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
