import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAppSecret } from './app-secret.ts'

let dataDir: string
let path: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  path = join(dataDir, 'app-secret')
})
afterEach(() => rm(dataDir, { recursive: true }))

const read = () => readAppSecret({ APP_SECRET: undefined, DATA_DIR: dataDir })

test('the first start makes a secret for the owner only, and later ones read it', async () => {
  const secret = await read()
  expect(secret.length).toBeGreaterThanOrEqual(32)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await read()).toBe(secret)
})

test('first starts at the same moment agree', async () => {
  const secrets = await Promise.all(Array.from({ length: 10 }, read))
  expect(new Set(secrets)).toEqual(new Set([(await readFile(path, 'utf8')).trim()]))
})

test.each(['', '\n', 'x'.repeat(31)])('a file with too short a secret is refused by its name: %j', async (content) => {
  await writeFile(path, content)
  await expect(read()).rejects.toThrow(`The secret in ${path} has ${content.trim().length} characters, expected 32 or more.`)
  expect(await readFile(path, 'utf8')).toBe(content)
})

test('a file that is missing beside data is not replaced', async () => {
  await mkdir(join(dataDir, 'pglite'))
  await expect(read()).rejects.toThrow(`The secret ${path} is missing beside a database`)
  await expect(stat(path)).rejects.toThrow('ENOENT')
})

test('a database that was never finished needs no secret', async () => {
  await mkdir(join(dataDir, 'pglite'))
  await writeFile(join(dataDir, 'pglite.unfinished'), '')
  expect((await read()).length).toBeGreaterThanOrEqual(32)
})

test('APP_SECRET wins over the file', async () => {
  await writeFile(path, '')
  expect(await readAppSecret({ APP_SECRET: 'given by the operator, long enough', DATA_DIR: dataDir })).toBe(
    'given by the operator, long enough',
  )
})
