import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { lockDataDir } from './data-lock.ts'

let dataDir: string
let path: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  path = join(dataDir, 'server.lock')
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(dataDir, { recursive: true })
})

const lost = () => undefined

/** A lock as another container left it so many seconds ago. */
async function leaveLock(host: string, secondsAgo: number): Promise<void> {
  await writeFile(path, JSON.stringify({ pid: 1, host, since: '2026-11-26T12:00:00.000Z' }))
  const then = new Date(Date.now() - secondsAgo * 1000)
  await utimes(path, then, then)
}

test('a lock another host renewed a moment ago is respected; the message names the file and the way out', async () => {
  // The disk's own clock may be some milliseconds behind.
  await leaveLock('another-container', 10.5)
  const refused = lockDataDir(dataDir, lost)
  await expect(refused).rejects.toThrow(`${dataDir} is in use by process 1 on another-container since 2026-11-26T12:00:00.000Z.`)
  await expect(refused).rejects.toThrow(new RegExp(`its lock ${path} expires in (19|20) s; start again then, or delete that file now`))
})

test('a lock another host has not renewed for 30 seconds is taken over', async () => {
  await leaveLock('another-container', 31)
  const lock = await lockDataDir(dataDir, lost)
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() })
  await lock.release()
  await expect(stat(path)).rejects.toThrow('ENOENT')
})

test('of this machine, a lock whose process is gone is taken over at once', async () => {
  await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), since: '2026-11-26T12:00:00.000Z' }))
  await (await lockDataDir(dataDir, lost)).release()
})

test('a lock is renewed while it is held, and its holder is told when it is gone', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const onLost = vi.fn<() => void>()
  const lock = await lockDataDir(dataDir, onLost)
  const longAgo = new Date('2026-01-01')
  await utimes(path, longAgo, longAgo)
  vi.advanceTimersByTime(5_000)
  await vi.waitFor(async () => expect((await stat(path)).mtime.getTime()).toBeGreaterThan(longAgo.getTime()))
  expect(onLost).not.toHaveBeenCalled()

  await leaveLock('the-one-that-took-over', 0)
  vi.advanceTimersByTime(5_000)
  await vi.waitFor(() => expect(onLost).toHaveBeenCalledWith(expect.stringContaining(path)))
  await lock.release()
  expect(await readFile(path, 'utf8')).toContain('the-one-that-took-over')
})
