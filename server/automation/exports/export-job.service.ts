import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { rm } from 'node:fs/promises'
import { stageUpload } from '#server/agents/files/index.ts'
import { fileStoreOf } from '#server/integrations/storage/index.ts'
import { accountOf, type AccountContext, randomBase62, toAppError } from '#server/platform/core/index.ts'
import type { JobHandler } from '#server/platform/jobs/index.ts'
import { archiveOf } from './archive.service.ts'
import * as queries from './exports.queries.ts'
import { writeTar } from './tar.rules.ts'

export const WORKSPACE_EXPORT = 'workspace_export'
export const MAX_ATTEMPTS = 3
const HOURS_KEPT = 24

/** Writes the archive of a workspace into the store of files. */
export const workspaceExport: JobHandler = {
  refused: 'failed',
  async run(ctx, { payload, attempts, maxAttempts }) {
    const { exportId } = payload as { exportId: string }
    const isLastAttempt = attempts >= maxAttempts
    try {
      return { size: await writeArchive(ctx, exportId, isLastAttempt) }
    } catch (error) {
      const { message } = toAppError(error)
      if (isLastAttempt && !ctx.signal.aborted) await queries.markFailed(ctx.db, accountOf(ctx), exportId, message)
      throw error
    }
  },
}

async function writeArchive(ctx: AccountContext, exportId: string, isLastAttempt: boolean): Promise<number> {
  const store = fileStoreOf(ctx.platform)
  const storageKey = `${accountOf(ctx)}/${randomBase62(16)}`
  const entries = archiveOf(ctx, { createdAt: new Date().toISOString(), isLastAttempt })
  const { path, size, sha256 } = await stageUpload(ctx.platform, gzipped(writeTar(entries), ctx.signal), () => undefined)
  try {
    await store.keep(storageKey, { path, size, sha256 })
    if (await queries.markReady(ctx.db, accountOf(ctx), exportId, { storageKey, size, sha256 }, HOURS_KEPT)) return size
    await store.remove(storageKey)
    return 0
  } catch (error) {
    await rm(path, { force: true })
    await store.remove(storageKey).catch((problem: unknown) => ctx.log.warn({ err: problem, exportId }, 'could not remove an archive'))
    throw error
  }
}

async function* gzipped(bytes: AsyncGenerator<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const gzip = createGzip()
  // What goes wrong on the way in comes out at the other end.
  const done = pipeline(Readable.from(bytes, { objectMode: false }), gzip, { signal }).catch(() => undefined)
  yield* gzip as AsyncIterable<Uint8Array>
  await done
}
