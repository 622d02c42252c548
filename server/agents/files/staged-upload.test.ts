import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Platform } from '#server/platform/core/index.ts'
import { receive, removeInterruptedArrivals } from './staged-upload.ts'

let folder: string
let platform: Platform
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentbot-arrival-'))
  platform = { env: { DATA_DIR: folder } } as Platform
})
afterEach(() => rm(folder, { recursive: true }))

const arriving = () => readdir(join(folder, 'files', '.arriving'))

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

test('a file is written down with its size, hash and first bytes', async () => {
  const arrival = await receive(platform, chunks('slack ', 'water'), () => undefined)
  expect(arrival).toMatchObject({ size: 11, sha256: '207d03fc6ac2652279982abf5279b062cfafa5b1780f57629ee70fea75284d20' })
  expect(Buffer.from(arrival.sample).toString()).toBe('slack water')
  expect(await arriving()).toHaveLength(1)
  await removeInterruptedArrivals(platform)
  await expect(arriving()).rejects.toThrow('ENOENT')
})

test('one that is refused on its way leaves nothing', async () => {
  const sizes: number[] = []
  const refuse = (size: number) => {
    sizes.push(size)
    if (size > 8) throw new Error('too much')
  }
  await expect(receive(platform, chunks('1234', '5678', '9', 'never read'), refuse)).rejects.toThrow('storage')
  expect(sizes).toEqual([4, 8, 9])
  expect(await arriving()).toEqual([])
})

test('one that breaks off leaves nothing', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('the beginning')
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
  await expect(receive(platform, broken(), () => undefined)).rejects.toThrow('full')
  expect(await arriving()).toEqual([])
})
