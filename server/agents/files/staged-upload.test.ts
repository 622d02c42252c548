import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Platform } from '#server/platform/core/index.ts'
import { stageUpload, removeInterruptedUploads } from './staged-upload.ts'

let folder: string
let platform: Platform
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentbot-staged-'))
  platform = { env: { DATA_DIR: folder } } as Platform
})
afterEach(() => rm(folder, { recursive: true }))

const arriving = () => readdir(join(folder, 'files', '.arriving'))

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

test('a file is written down with its size, hash and first bytes', async () => {
  const staged = await stageUpload(platform, chunks('slack ', 'water'), () => undefined)
  expect(staged).toMatchObject({ size: 11, sha256: '207d03fc6ac2652279982abf5279b062cfafa5b1780f57629ee70fea75284d20' })
  expect(Buffer.from(staged.sample).toString()).toBe('slack water')
  expect(await arriving()).toHaveLength(1)
  await removeInterruptedUploads(platform)
  await expect(arriving()).rejects.toThrow('ENOENT')
})

test('one that is refused on its way leaves nothing', async () => {
  const sizes: number[] = []
  const refuse = (size: number) => {
    sizes.push(size)
    if (size > 8) throw new Error('too much')
  }
  await expect(stageUpload(platform, chunks('1234', '5678', '9', 'never read'), refuse)).rejects.toThrow('storage')
  expect(sizes).toEqual([4, 8, 9])
  expect(await arriving()).toEqual([])
})

test('one that breaks off leaves nothing', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('the beginning')
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
  await expect(stageUpload(platform, broken(), () => undefined)).rejects.toThrow('full')
  expect(await arriving()).toEqual([])
})
