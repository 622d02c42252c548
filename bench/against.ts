import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../scripts/build.ts'
import type { BenchOptions } from './compare.ts'
import { inTurns, load, median, type LoadRequest, type LoadResult } from './load.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot, startBare, type BenchServer } from './processes.ts'
import { seedAccount } from './seed.ts'

// What a change costs: this work tree and another commit, measured in turns in the same run.

const root = resolve(import.meta.dirname, '..')

/** A server of one checkout with an account of its own. */
interface Side {
  server: BenchServer
  key: string
  stop(): Promise<void>
}

async function startSide(folder: string, upstream: BenchServer): Promise<Side> {
  const database = await createBenchDatabase()
  const server = await startAgentbot({ DATABASE_URL: database.url, OPENAI_COMPATIBLE_BASE_URL: `${upstream.url}/v1` }, folder)
  const { key } = await seedAccount(server.url, database.url, { agents: 100, messagesPerAgent: 20 })
  return {
    server,
    key,
    async stop() {
      await server.stop()
      await database.drop()
    },
  }
}

interface Options extends BenchOptions {
  /** How often both servers are started anew. */
  pairs: number
}

const requests: [title: string, request: (key: string) => LoadRequest][] = [
  ['GET /api/agents, 100 agents', (key) => ({ path: '/api/agents', headers: { authorization: `Bearer ${key}` } })],
  [
    '/v1/chat/completions, provider that answers at once',
    (key) => ({
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'compatible/instant', messages: [{ role: 'user', content: 'Name three kinds of knot.' }] }),
    }),
  ],
]

/**
 * Measures pairs of servers, newly started for each, for two processes of the same code differ by several per cent; that
 * shows when a commit is measured against itself.
 */
async function compare(start: Record<'mine' | 'theirs', () => Promise<Side>>, { pairs, rounds, seconds }: Options): Promise<void> {
  for (const [title, request] of requests) {
    const ratios: number[] = []
    const cpuRatios: number[] = []
    for (let pair = 0; pair < pairs; pair++) {
      const { mine, theirs } = await startBoth(start, pair % 2 === 1)
      const measure = ({ server, key }: Side, length: number) => load(server, request(key), length)
      try {
        // As servers that have been running: code compiled by use.
        await measure(mine, WARM_UP_SECONDS)
        await measure(theirs, WARM_UP_SECONDS)
        const { a, b } = await inTurns(
          rounds,
          () => measure(mine, seconds),
          () => measure(theirs, seconds),
        )
        const ratioOf = (value: (result: LoadResult) => number) => median(a.map(value)) / median(b.map(value))
        ratios.push(ratioOf(({ requestsPerSecond }) => requestsPerSecond))
        cpuRatios.push(ratioOf(({ cpuMsPerRequest }) => cpuMsPerRequest))
      } finally {
        await Promise.all([mine.stop(), theirs.stop()])
      }
    }
    const show = (values: number[]) => `${median(values).toFixed(3)} (${values.map((value) => value.toFixed(3)).join(', ')})`
    console.log(`${title}: requests/s ${show(ratios)} of before, aim at least 0.97; CPU of the server per request ${show(cpuRatios)}`)
  }
}

/** Whoever is started first has no advantage. */
async function startBoth({ mine, theirs }: Record<'mine' | 'theirs', () => Promise<Side>>, isSwapped: boolean) {
  if (!isSwapped) return { mine: await mine(), theirs: await theirs() }
  const first = await theirs()
  return { mine: await mine(), theirs: first }
}

const WARM_UP_SECONDS = 10

/** The packages a lock file asks for, each with its place and version. */
async function installedIn(tree: string): Promise<Set<string>> {
  const lock = JSON.parse(await readFile(join(tree, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version?: string }> }
  const packages = Object.entries(lock.packages).filter(([place]) => place.startsWith('node_modules/'))
  return new Set(packages.map(([place, { version }]) => `${place}@${version ?? ''}`))
}

/** Checks a commit out beside this work tree, with the packages of this one, and builds it. @throws Error when it needs others. */
async function checkOut(commit: string): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'agentbot-against-'))
  const remove = async () => {
    git('worktree', 'remove', '--force', folder)
    await rm(folder, { recursive: true, force: true })
  }
  git('worktree', 'add', '--detach', folder, commit)
  try {
    const [own, other] = await Promise.all([installedIn(root), installedIn(folder)])
    const missing = [...other].filter((name) => !own.has(name))
    if (missing.length > 0) throw new Error(`${commit} needs packages that this work tree has not: ${missing.join(', ')}.`)
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    run('npm', ['run', '--silent', 'build'], folder)
    return { folder, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

const git = (...args: string[]): void => run('git', args, root)

function run(command: string, args: string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '3' },
  },
})
const [commit] = positionals
if (!commit) throw new Error('Say against which commit: node bench/against.ts COMMIT [--pairs 5] [--rounds 4] [--seconds 3]')

ensureBuilt()
const other = await checkOut(commit)
const upstream = await startBare('bench/instant-provider.ts')
try {
  await compare(
    { mine: () => startSide(root, upstream), theirs: () => startSide(other.folder, upstream) },
    { pairs: Number(values.pairs), rounds: Number(values.rounds), seconds: Number(values.seconds) },
  )
} finally {
  await upstream.stop()
  await other.remove()
}
