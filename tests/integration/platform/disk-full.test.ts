import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { MIN_FREE_BYTES, MIN_FREE_BYTES_TO_DELETE } from '../../../db/disk-space.ts'
import type { Platform } from '../../../server/platform/core/context.ts'
import { stageUpload } from '../../../server/agents/files/staged-upload.ts'
import { SERVER, startServerProcess, type ServerProcess } from '../../../scripts/server-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const MB = 1024 * 1024

let disk: string
let server: ServerProcess | undefined
beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', disk])
  await mkdir(join(disk, 'data'))
  server = await startServerProcess(SERVER, { DATA_DIR: join(disk, 'data'), LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: '100' })
})
afterAll(async () => {
  await server?.stop('SIGKILL')
  execFileSync('umount', [disk])
  await rm(disk, { recursive: true })
})

async function call(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const response = await fetch(server!.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

async function signUp(email = 'ada@example.org'): Promise<Record<string, string>> {
  const credentials = { email, password: 'correct horse' }
  await call('POST', '/api/register', {}, credentials)
  const cookie = (await call('POST', '/api/auth/login', {}, credentials)).headers.get('set-cookie')!.split(';')[0]!
  const { key } = (await call('POST', '/api/keys', { cookie }, { name: 'test' })).body
  return { authorization: `Bearer ${key}` }
}

async function freeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(disk)
  return bavail * bsize
}

/** Takes room until less than a reserve is left. @returns how to give it back. */
async function fillDisk(reserve = MIN_FREE_BYTES): Promise<() => Promise<void>> {
  const file = join(disk, 'filler')
  await writeFile(file, Buffer.alloc((await freeBytes()) - reserve + MB))
  return () => rm(file)
}

test('on a full disk whatever stores is refused by that name, the rest goes on, and so does all once there is room', async () => {
  const caller = await signUp()
  const agentId = (await call('POST', '/api/agents/provision', caller, { name: 'Keeper' })).body.agent.id
  const store = (key: string) => call('POST', '/api/memory', caller, { agentId, key, memory: 'x'.repeat(1000) })
  const upload = (filename: string) =>
    call('POST', '/api/files', caller, { agentId, filename, content: 'aGVsbG8=', mimeType: 'text/plain' })
  expect((await store('before')).status).toBe(200)
  expect((await upload('before.txt')).status).toBe(201)

  const makeRoom = await fillDisk()
  const full = { status: 503, body: { code: 'DISK_FULL', error: 'The disk of the server is full. Nothing was stored.' } }
  const refused = [
    await store('during'),
    await upload('during.txt'),
    await call('POST', '/api/chat', caller, { agentId, message: 'hello' }),
    await call('POST', '/api/agents', caller, { name: 'Second' }),
  ]
  for (const answer of refused) {
    expect(answer).toMatchObject(full)
    expect(answer.headers.get('retry-after')).toBe('5')
  }
  expect(await call('GET', '/ready', {})).toMatchObject({ status: 503, body: { missing: [{ part: 'disk' }] } })
  expect((await call('GET', '/health', {})).status).toBe(200)
  expect((await call('GET', `/api/memory?agentId=${agentId}`, caller)).body.memory).toEqual({ before: 'x'.repeat(1000) })
  expect((await call('GET', '/api/files', caller)).body.files.map(({ filename }: { filename: string }) => filename)).toEqual(['before.txt'])

  await makeRoom()
  expect((await call('GET', '/ready', {})).status).toBe(200)
  expect((await store('after')).status).toBe(200)
  expect((await upload('after.txt')).status).toBe(201)
  expect((await call('POST', '/api/chat', caller, { agentId, message: 'hello' })).status).toBe(200)
})

test('a disk that others fill takes no deletions either, before they would stop the database', async () => {
  const caller = await signUp('bob@example.org')
  const agentId = (await call('POST', '/api/agents/provision', caller, { name: 'Sweeper' })).body.agent.id
  for (const key of ['first', 'second']) await call('POST', '/api/memory', caller, { agentId, key, memory: 'x' })
  const remove = (key: string) => call('DELETE', `/api/memory?agentId=${agentId}&key=${key}`, caller)

  let makeRoom = await fillDisk()
  expect((await remove('first')).status).toBe(200)
  await makeRoom()
  makeRoom = await fillDisk(MIN_FREE_BYTES_TO_DELETE)
  expect(await remove('second')).toMatchObject({ status: 503, body: { code: 'DISK_FULL' } })
  expect((await call('GET', `/api/memory?agentId=${agentId}`, caller)).body.memory).toEqual({ second: 'x' })
  await makeRoom()
  expect((await remove('second')).status).toBe(200)
})

test('a file that does not fit is refused before it takes the room that others need to finish', async () => {
  let leastFree = Infinity
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield Buffer.alloc(MB)
      leastFree = Math.min(leastFree, await freeBytes())
    }
  }
  const platform = { env: { DATA_DIR: join(disk, 'data') } } as Platform
  await expect(stageUpload(platform, endless(), () => undefined)).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(leastFree).toBeGreaterThanOrEqual(MIN_FREE_BYTES)
  expect(leastFree).toBeLessThan(MIN_FREE_BYTES + 2 * MB)
})
