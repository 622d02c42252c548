import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareDataDir } from './data-dir.ts'

let parent: string
let dataDir: string
const umask = process.umask()
beforeEach(async () => {
  // What a user's shell has; tests that ran before may have closed it already.
  process.umask(0o022)
  parent = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  dataDir = join(parent, 'data')
})
afterEach(async () => {
  process.umask(umask)
  await rm(parent, { recursive: true })
})

const modeOf = async (...path: string[]) => ((await stat(join(dataDir, ...path))).mode & 0o777).toString(8)

test('a new folder, and what is written into it later, is closed to others', async () => {
  await prepareDataDir(dataDir)
  await writeFile(join(dataDir, 'later'), '')
  expect(await modeOf()).toBe('700')
  expect(await modeOf('later')).toBe('600')
})

test('what others could open is closed to them, uploads and the database included, and nothing else', async () => {
  for (const folder of ['pglite/base/5', 'files/usr_1', 'agents/one']) await mkdir(join(dataDir, folder), { recursive: true, mode: 0o777 })
  const files = ['app-secret', 'pglite/base/5/1249', 'files/usr_1/Zk3', 'agents/one/tool']
  for (const file of files) await writeFile(join(dataDir, file), '', { mode: 0o666 })
  await chmod(join(dataDir, 'agents/one/tool'), 0o755)
  await writeFile(join(parent, 'outside'), '')
  await chmod(join(parent, 'outside'), 0o644)
  await symlink(join(parent, 'outside'), join(dataDir, 'files/link'))

  expect(await prepareDataDir(dataDir)).toBeGreaterThan(0)
  for (const folder of ['.', 'pglite', 'pglite/base', 'pglite/base/5', 'files', 'files/usr_1'])
    expect(await modeOf(folder), folder).toBe('700')
  for (const file of files.slice(0, 3)) expect(await modeOf(file), file).toBe('600')
  expect(await modeOf('agents/one/tool')).toBe('755')
  expect(await modeOf('../outside')).toBe('644')
  expect(await prepareDataDir(dataDir)).toBe(0)
})
