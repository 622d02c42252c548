import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { filesThatSee } from '../../scripts/structure/files-that-see.ts'

const roots: string[] = []
afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true })))

/** @returns the folder in which these files are. */
function write(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'structure-'))
  roots.push(root)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}

/** Runs what `npm run check` runs, on a program of these files. */
function checkStructure(files: Record<string, string>): { status: number | null; said: string } {
  const root = write(files)
  const { status, stderr } = spawnSync('node', ['scripts/check-structure.ts', root], { encoding: 'utf8' })
  return { status, said: stderr }
}

const clean = {
  'db/client.ts': 'export const db = 1\n',
  'server/platform/core/index.ts': "export { context } from './context.ts'\n",
  'server/platform/core/context.ts': "import { db } from '#db/client.ts'\nexport const context = db\n",
  'server/agents/definitions/agents.ts': "import { context } from '#server/platform/core/index.ts'\nexport const agents = context\n",
  'server/agents/definitions/index.ts': "export { agents } from './agents.ts'\n",
  'server/agents/runtime/runtime.ts': "import { agents } from '../definitions/index.ts'\nexport const runtime = agents\n",
}

test('a program whose imports run one way passes', () => {
  expect(checkStructure(clean)).toEqual({ status: 0, said: '' })
})

test('an import from a lower area of a higher one fails, of types too', () => {
  const { status, said } = checkStructure({
    ...clean,
    'server/platform/core/spy.ts': "import type { agents } from '#server/agents/definitions/index.ts'\nexport type Spy = typeof agents\n",
  })
  expect(status).toBe(1)
  expect(said).toContain('server/platform/core/spy.ts imports server/agents/definitions/index.ts: platform stands below agents')
})

test('an import of a higher layer fails, also one that happens later', () => {
  const { status, said } = checkStructure({
    ...clean,
    'app/page.ts': 'export const page = 1\n',
    'server/api/v1/answer.ts': "export const load = () => import('../../../app/page.ts')\n",
  })
  expect(status).toBe(1)
  expect(said).toContain('server/api/v1/answer.ts imports app/page.ts: api stands below app')
})

test('folders of one area that import each other fail, though no two files do', () => {
  const { status, said } = checkStructure({
    ...clean,
    'server/agents/runtime/index.ts': "export { running } from './running.ts'\n",
    'server/agents/runtime/running.ts': 'export const running = 1\n',
    'server/agents/definitions/status.ts': "import { running } from '../runtime/index.ts'\nexport const status = running\n",
  })
  expect(status).toBe(1)
  expect(said).toContain('folders import each other: server/agents/definitions -> server/agents/runtime -> server/agents/definitions')
})

test('a private file of another folder fails', () => {
  const { status, said } = checkStructure({
    ...clean,
    'server/chat/turns/turn.ts': "import { agents } from '#server/agents/definitions/agents.ts'\nexport const turn = agents\n",
  })
  expect(status).toBe(1)
  expect(said).toContain('server/chat/turns/turn.ts imports server/agents/definitions/agents.ts: private')
})

test('an area nobody has put into the order fails', () => {
  const { status, said } = checkStructure({
    ...clean,
    'server/misc/odd/odd.ts': "import { db } from '#db/client.ts'\nexport const odd = db\n",
  })
  expect(status).toBe(1)
  expect(said).toContain('there is no area "misc"')
})

test('a file sees what stands in it and in whatever it imports, in a circle too', () => {
  const root = write({
    'own.ts': 'export const address = process.env.ADDRESS\n',
    'far.ts': "import type { near } from './near.ts'\nexport type Far = typeof near\n",
    'near.ts': "import './turn.ts'\nexport { address as near } from './own.ts'\n",
    'turn.ts': "import './near.ts'\n",
    'blind.ts': "import './other.ts'\n",
    'other.ts': 'export const other = 1\n',
  })
  expect(filesThatSee(root, 'ADDRESS', ['own.ts', 'far.ts', 'turn.ts', 'blind.ts'])).toEqual(['own.ts', 'far.ts', 'turn.ts'])
})
