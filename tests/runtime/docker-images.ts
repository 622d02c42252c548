import type Docker from 'dockerode'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** Images made on the spot, without a registry: this Node, the libraries it needs, and a program in `/app/openclaw.mjs`. */
export const images = {
  gateway: 'agentbot-test/gateway:1',
  newer: 'agentbot-test/gateway:2',
  /** Ends at once. */
  broken: 'agentbot-test/gateway:broken',
  /** Spoils its state, and never becomes ready. */
  spoiling: 'agentbot-test/gateway:spoiling',
}

const fallback = "import './openclaw-gateway.ts'"
const spoil = `import { rmSync } from 'node:fs'
rmSync(process.env.OPENCLAW_STATE_DIR + '/agents', { recursive: true, force: true })
setInterval(() => undefined, 1000)`

const programs: Record<string, string> = {
  [images.gateway]: fallback,
  [images.newer]: fallback,
  [images.broken]: 'process.exit(3)',
  [images.spoiling]: spoil,
}

export async function makeImages(engine: Docker): Promise<void> {
  const base = pack()
  const add = (path: string, content: Buffer, mode = 0o755) => base.entry({ name: path.slice(1), mode }, content)
  add('/usr/bin/node', readFileSync(process.execPath))
  for (const library of librariesOf(process.execPath)) add(library, readFileSync(library))
  add('/app/openclaw-gateway.ts', readFileSync('tests/fakes/openclaw-gateway.ts'), 0o644)
  base.finalize()
  const imported = await engine.importImage(base as unknown as NodeJS.ReadableStream, {
    repo: 'agentbot-test/base',
    changes: ['ENV PATH=/usr/bin', 'WORKDIR /app'],
  })
  await text(imported)
  for (const [name, program] of Object.entries(programs)) await buildImage(engine, name, program)
}

async function buildImage(engine: Docker, name: string, program: string): Promise<void> {
  const context = pack()
  context.entry({ name: 'Dockerfile' }, 'FROM agentbot-test/base\nCOPY openclaw.mjs /app/openclaw.mjs\n')
  context.entry({ name: 'openclaw.mjs' }, program)
  context.finalize()
  const output = await text(await engine.buildImage(context as unknown as NodeJS.ReadableStream, { t: name }))
  if (output.includes('"error"')) throw new Error(output)
}

/** Files the dynamic linker loads for a program, itself included. */
const librariesOf = (program: string): string[] =>
  execFileSync('ldd', [program], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? [])
