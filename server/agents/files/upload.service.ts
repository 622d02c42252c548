import { rm } from 'node:fs/promises'
import { AgentNotFound, findAgentRow } from '../definitions/index.ts'
import { getQuotas } from '#server/money/billing/index.ts'
import { accountOf, type AccountContext, InvalidInput, newId, randomBase62, inTransaction } from '#server/platform/core/index.ts'
import type { IncomingFile, IncomingForm } from '#server/platform/operations/index.ts'
import { noteWorkspaceChange } from '../watches/index.ts'
import { isVisible } from '#server/platform/core/texts.contract.ts'
import { stageUpload, type StagedUpload } from './staged-upload.ts'
import { fileStoreOf } from '#server/integrations/storage/index.ts'
import { toSafeName } from './file-names.rules.ts'
import { findType } from './file-types.rules.ts'
import type { FileUploaded, UploadFile } from './files.contract.ts'
import { FileLimitReached, StorageFull } from './files.errors.ts'
import * as queries from './files.queries.ts'
import { urlOf } from './files.service.ts'
import * as removals from './blob-deletions.queries.ts'
import { getStorageUse } from './storage-use.service.ts'

/** An upload that takes longer than this is given up. */
const MAX_UPLOAD_SECONDS = 24 * 60 * 60

/**
 * Stores a file that is sent inside JSON.
 *
 * @throws AgentNotFound, StorageFull, StorageUnavailable; InvalidInput for a program that says it is something else.
 */
export async function uploadFile(ctx: AccountContext, { agentId, filename, content, mimeType = '' }: UploadFile): Promise<FileUploaded> {
  const earlier = await findEarlier(ctx)
  if (earlier) return earlier
  await findAgentRow(ctx, agentId)
  const bytes = Buffer.from(content, 'base64')
  const staged = await stageFor(ctx, { name: filename, type: mimeType, bytes: oneChunk(bytes) })
  return storeStagedUpload(ctx, agentId, filename, mimeType, staged)
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/**
 * Stores the file of a form while it arrives. Its fields may come in any order.
 *
 * @param once Keeps what was uploaded from being stored twice.
 * @throws What `uploadFile` throws; InvalidInput when the file or `agentId` is missing.
 */
export async function uploadForm(
  ctx: AccountContext,
  form: IncomingForm,
  once: (upload: Arrived, store: (ctx: AccountContext) => Promise<FileUploaded>) => Promise<FileUploaded>,
): Promise<FileUploaded> {
  let arrived: { name: string; type: string; staged: StagedUpload } | undefined
  try {
    const texts = await form.read('file', async (file) => {
      arrived = { name: file.name, type: file.type, staged: await stageFor(ctx, file) }
    })
    const { agentId = '' } = texts
    if (agentId === '' || agentId.includes('\0')) throw new InvalidInput([{ field: 'agentId', message: 'expected the id of an agent' }])
    if (!arrived) throw new InvalidInput([{ field: 'file', message: 'expected a file' }])
    if (arrived.name !== '' && !isVisible(arrived.name))
      throw new InvalidInput([{ field: 'file', message: 'expected a name with at least one character that can be seen' }])
    const { name, type, staged } = arrived
    return await once({ agentId, name, type, sha256: staged.sha256 }, async (inner) => {
      const earlier = await findEarlier(inner)
      if (earlier) return earlier
      await findAgentRow(inner, agentId)
      return storeStagedUpload(inner, agentId, name, type, staged)
    })
  } finally {
    if (arrived) await rm(arrived.staged.path, { force: true })
  }
}

/** A file that was sent, by which it is known again. */
interface Arrived {
  agentId: string
  name: string
  type: string
  sha256: string
}

/** The file that an earlier try of the same call stored. */
async function findEarlier(ctx: AccountContext): Promise<FileUploaded | undefined> {
  const row = ctx.attempt?.stored && (await queries.findFile(ctx.db, accountOf(ctx), ctx.attempt.stored))
  return row ? toUploaded(row) : undefined
}

const toUploaded = ({ id, name, size, type, createdAt }: queries.FileRow): FileUploaded => ({
  success: true,
  file: { id, name, size, type, url: urlOf(id), uploaded: createdAt },
})

/** Stops as soon as more has arrived than there is room for. */
async function stageFor(ctx: AccountContext, { bytes }: IncomingFile): Promise<StagedUpload> {
  const { usedBytes, limitBytes } = await getStorageUse(ctx)
  return stageUpload(ctx.platform, bytes, (size) => {
    if (usedBytes + size > limitBytes) throw new StorageFull(usedBytes, limitBytes)
  })
}

/** Puts a file that has arrived where it is kept. It is queued for removal before, so that nothing is left should the server be killed. */
async function storeStagedUpload(
  ctx: AccountContext,
  agentId: string,
  sentName: string,
  sentType: string,
  { path, size, sha256, sample }: StagedUpload,
): Promise<FileUploaded> {
  const { system } = ctx.platform.databases
  const store = fileStoreOf(ctx.platform)
  const storageKey = `${accountOf(ctx)}/${randomBase62(16)}`
  try {
    const { type, isDisguised } = await findType(sample, sentType, size === sample.byteLength)
    if (isDisguised) throw new InvalidInput([{ field: 'file', message: `is a program (${type}), not ${sentType}` }])
    await removals.queueRemoval(system, storageKey, MAX_UPLOAD_SECONDS)
    await store.keep(storageKey, { path, size, sha256 })
    const file = { id: newId('file'), agentId, name: toSafeName(sentName, Date.now()), size, type, sha256, storageKey }
    const row = await addFile(ctx, file)
    await removals.deleteRemoval(system, storageKey)
    return toUploaded(row)
  } catch (error) {
    await rm(path, { force: true })
    await store
      .remove(storageKey)
      .then(() => removals.deleteRemoval(system, storageKey))
      .catch((problem: unknown) => ctx.log.warn({ err: problem }, 'could not remove an upload yet'))
    throw error
  }
}

/** Writes a file down if there is still room for it: another upload may have taken it meanwhile. */
async function addFile(ctx: AccountContext, file: queries.NewFile): Promise<queries.FileRow> {
  const { limitBytes } = await getStorageUse(ctx)
  const { files: limit } = getQuotas(ctx)
  return inTransaction(ctx.db, async (db) => {
    const used = await queries.lockUse(db, accountOf(ctx))
    if (used.bytes + file.size > limitBytes) throw new StorageFull(used.bytes, limitBytes)
    if (used.count >= limit) throw new FileLimitReached(used.count, limit)
    const row = await queries.insertFile(db, accountOf(ctx), file)
    if (!row) throw new AgentNotFound(file.agentId)
    await noteWorkspaceChange({ ...ctx, db }, file.agentId)
    await ctx.attempt?.note(db, row.id, file.agentId)
    return row
  })
}
