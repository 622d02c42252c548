import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'

const root = resolve(import.meta.dirname, '../..')
const execute = promisify(execFile)

// Compilers and npm take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let directory: string
let project: string
let server: TestServer
let account: TestAccount

/** Runs a program; its output is in the error when it fails. @returns what it printed. */
async function run(cwd: string, command: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await execute(command, args, {
    cwd,
    env: { NODE_ENV: 'test', PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  }).catch((error) => {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`)
  })
  return stdout
}

const node = (cwd: string, ...args: string[]) =>
  run(cwd, process.execPath, args, { AGENTBOT_URL: server.url, AGENTBOT_API_KEY: account.key })
const tsc = (cwd: string) => run(cwd, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentbot-sdk-'))
  project = join(directory, 'empty')
  await run(root, 'npm', ['run', 'build', '-w', 'sdk'])
  const [packed] = JSON.parse(await run(root, 'npm', ['pack', '-w', 'sdk', '--ignore-scripts', '--json', '--pack-destination', directory]))
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "name": "empty", "private": true }')
  await run(project, 'npm', ['install', join(directory, packed.filename), '--offline', '--no-audit', '--no-fund'])
  server = await startTestServer()
  account = await server.createAccount()
  await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Atlas' } })
}, 120_000)
afterAll(async () => {
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

const use = `
  const agentbot = new Agentbot({ apiKey: process.env.AGENTBOT_API_KEY })
  let text = ''
  for await (const event of agentbot.chat.stream({ message: 'Calculate 6 * 7' })) if (event.type === 'delta') text += event.text
  const error = await agentbot.agents.get('nobody').catch((thrown) => thrown)
  console.log(text, error instanceof NotFoundError)
`

test.each([
  ['an ES module', 'main.mjs', `import { Agentbot, NotFoundError } from '@agentbot/sdk'\nimport '@agentbot/sdk/trpc'\n${use}`],
  [
    'CommonJS',
    'main.cjs',
    `const { Agentbot, NotFoundError } = require('@agentbot/sdk')\nrequire('@agentbot/sdk/trpc')\nvoid (async () => {${use}})()`,
  ],
])('the packed SDK runs in an empty project as %s', async (_, file, script) => {
  await writeFile(join(project, file), script)
  expect(await node(project, file)).toBe('6 * 7 = 42 true\n')
})

test('the packed SDK brings its types for both kinds of module, and nothing else', async () => {
  const main = `
    import { Agentbot, type ChatEvent, type ChatReply } from '@agentbot/sdk'
    const agentbot = new Agentbot({ apiKey: 'sk_x', baseUrl: 'http://localhost' })
    export const reply: Promise<ChatReply> = agentbot.chat.send({ message: 'Hi' })
    export const events: AsyncIterable<ChatEvent> = agentbot.chat.stream({ message: 'Hi' })
    // @ts-expect-error a message is a text
    export const wrong = agentbot.chat.send({ message: 1 })
    declare const process: { env: Record<string, string | undefined> }
    export const fromEnvironment = new Agentbot({ apiKey: process.env.AGENTBOT_API_KEY })
    export const elsewhere = new Agentbot({ apiKey: process.env.KEY, baseUrl: process.env.URL, session: undefined })
    export const manager = new Agentbot({ session: process.env.SESSION })
    export const unsaid = new Agentbot()
    // @ts-expect-error a key is a text
    export const number = new Agentbot({ apiKey: 1 })
    // @ts-expect-error one of the two calls
    export const both = new Agentbot({ apiKey: 'sk_x', session: 'x' })
  `
  await Promise.all(['types.mts', 'types.cts'].map((file) => writeFile(join(project, file), main)))
  const compilerOptions = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, target: 'es2022', module: 'nodenext', types: [] }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.mts', 'types.cts'] }))
  await tsc(project)

  const { dependencies } = JSON.parse(await readFile(join(project, 'node_modules/@agentbot/sdk/package.json'), 'utf8'))
  expect(dependencies).toBeUndefined()
  expect(Object.keys(JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')).packages)).toEqual([
    '',
    'node_modules/@agentbot/sdk',
  ])
})

test('the sibling app compiles against the packed types, runs, and would not compile with a wrong input', async () => {
  const app = join(directory, 'sibling-app')
  await cp(join(root, 'examples/sibling-app'), app, { recursive: true, filter: (path) => !/node_modules|dist$/.test(path) })
  await cp(join(project, 'node_modules'), join(app, 'node_modules'), { recursive: true })
  await Promise.all(
    ['@trpc', '@types', 'eventsource', 'eventsource-parser'].map((name) =>
      symlink(join(root, 'node_modules', name), join(app, 'node_modules', name)),
    ),
  )

  await tsc(app)
  expect(await node(app, 'dist/main.js')).toBe('Sibling says: 6 * 7 = 42\nand, word by word: 7 * 8 = 56\n')

  const source = await readFile(join(app, 'src/main.ts'), 'utf8')
  await writeFile(join(app, 'src/main.ts'), source.replace("{ name: 'Sibling' }", '{ name: 42 }'))
  await expect(tsc(app)).rejects.toThrow("Type 'number' is not assignable to type 'string'")
})
