import { createHash } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Platform } from '../core/context.ts'
import { SAMPLE_BYTES } from './file-types.rules.ts'
import type { ArrivedFile } from './file-store.ts'
import { explainStorageError } from './storage-errors.rules.ts'

/** A file that has arrived, and its first bytes. It has to be kept or removed. */
export interface Arrival extends ArrivedFile {
  sample: Uint8Array
}

const folderOf = ({ env }: Platform): string => resolve(env.DATA_DIR, 'files', '.arriving')

/**
 * Writes a file to the disk while it arrives, under a name nobody reads.
 *
 * @param refuse Told of every size on the way; may throw. Whatever fails, nothing is left behind.
 * @throws StorageUnavailable when the disk is full.
 */
export async function receive(platform: Platform, bytes: AsyncIterable<Uint8Array>, refuse: (size: number) => void): Promise<Arrival> {
  const path = resolve(folderOf(platform), randomUUID())
  const hash = createHash('sha256')
  const sample: Uint8Array[] = []
  let size = 0
  try {
    await mkdir(folderOf(platform), { recursive: true, mode: 0o700 })
    await using handle = await open(path, 'wx', 0o600)
    for await (const chunk of bytes) {
      if (size < SAMPLE_BYTES) sample.push(chunk.subarray(0, SAMPLE_BYTES - size))
      size += chunk.byteLength
      refuse(size)
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    await handle.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw explainStorageError(error)
  }
  return { path, size, sha256: hash.digest('hex'), sample: Buffer.concat(sample) }
}

/** Removes what had not arrived when this server was killed; nobody else uses its folder. */
export const removeInterruptedArrivals = (platform: Platform): Promise<void> => rm(folderOf(platform), { recursive: true, force: true })
