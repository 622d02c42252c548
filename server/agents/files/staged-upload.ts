import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { hasRoom } from '#server/platform/host/index.ts'
import { type Platform, DiskFull } from '#server/platform/core/index.ts'
import { SAMPLE_BYTES } from './file-types.rules.ts'
import { type ArrivedFile, explainStorageError } from '#server/integrations/storage/index.ts'

/** A file that has arrived, and its first bytes. It has to be kept or removed. */
export interface StagedUpload extends ArrivedFile {
  sample: Uint8Array
}

const folderOf = ({ env }: Platform): string => resolve(env.DATA_DIR, 'files', '.arriving')

/**
 * Writes a file to the disk while it arrives, under a name nobody reads.
 *
 * @param refuse Told of every size on the way; may throw. Whatever fails, nothing is left behind.
 * @throws DiskFull, StorageUnavailable
 */
export async function stageUpload(
  platform: Platform,
  bytes: AsyncIterable<Uint8Array>,
  refuse: (size: number) => void,
): Promise<StagedUpload> {
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
      if (!hasRoom(folderOf(platform), chunk.byteLength)) throw new DiskFull()
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

/** An upload that grows no more for so long has ended, wherever it was received. */
const MAX_SILENCE_MS = 60 * 60 * 1000

/**
 * Removes what had not arrived when a server was killed. On the embedded database nobody else uses the folder; servers
 * that share a database may share it too, so there only what is old goes.
 */
export async function removeInterruptedUploads(platform: Platform): Promise<void> {
  const folder = folderOf(platform)
  if (!platform.env.DATABASE_URL) return rm(folder, { recursive: true, force: true })
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const path = resolve(folder, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > MAX_SILENCE_MS) await rm(path, { force: true })
  }
}
