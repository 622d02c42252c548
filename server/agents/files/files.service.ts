import { Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { findAgentRow } from '../definitions/index.ts'
import { accountOf, inTransaction, type AccountContext } from '#server/platform/core/index.ts'
import { fileStoreOf, type ByteRange } from '#server/integrations/storage/index.ts'
import type { Entry, PlaceById, Slice } from '#server/platform/operations/index.ts'
import { noteWorkspaceChange } from '../watches/index.ts'
import type { AgentFile, FileDeleted, FileList, FileRef, FilterFiles, ListFiles } from './files.contract.ts'
import { FileNotFound } from './files.errors.ts'
import * as queries from './files.queries.ts'
import { removeDueBytes } from './blob-deletions.service.ts'

/** Files of the account, newest first. @throws AgentNotFound */
export async function listFiles(ctx: AccountContext, { agentId, limit, cursor }: ListFiles): Promise<FileList> {
  if (agentId !== undefined) await findAgentRow(ctx, agentId)
  const rows = await queries.listFiles(ctx.db, accountOf(ctx), { agentId, limit: limit + 1, olderThan: cursor })
  const { bytes, count } = await queries.sumFiles(ctx.db, accountOf(ctx), agentId)
  const page = rows.slice(0, limit)
  return { files: page.map(toFile), totalSize: bytes, count, nextCursor: rows.length > limit ? page.at(-1)!.id : null }
}

/** A page of files, newest first. @throws AgentNotFound */
export async function listFilePage(ctx: AccountContext, { agentId }: FilterFiles, { after, limit }: Slice<PlaceById>) {
  if (agentId !== undefined) await findAgentRow(ctx, agentId)
  const rows = await queries.listFiles(ctx.db, accountOf(ctx), { agentId, limit, olderThan: after?.[0] })
  return rows.map((row): Entry<AgentFile, PlaceById> => ({ node: toFile(row), place: [row.id] }))
}

/** @throws AgentNotFound */
export async function countFiles(ctx: AccountContext, { agentId }: FilterFiles): Promise<number> {
  if (agentId !== undefined) await findAgentRow(ctx, agentId)
  return (await queries.sumFiles(ctx.db, accountOf(ctx), agentId)).count
}

/** @throws FileNotFound */
export const getFile = async (ctx: AccountContext, { fileId }: FileRef): Promise<AgentFile> => toFile(await findRow(ctx, fileId))

/** A file, and how to read its bytes. */
export interface FileContent {
  name: string
  size: number
  type: string
  sha256: string
  open(range?: ByteRange): Promise<ReadableStream<Uint8Array>>
}

/** @throws FileNotFound */
export async function getContent(ctx: AccountContext, fileId: string): Promise<FileContent> {
  const { name, size, type, sha256, storageKey } = await findRow(ctx, fileId)
  return { name, size, type, sha256, open: (range) => fileStoreOf(ctx.platform).open(storageKey, range) }
}

/** A file as it is kept, and how to read its bytes. */
interface StoredFile {
  id: string
  name: string
  size: number
  /** ISO 8601. */
  createdAt: string
  /** @throws StorageUnavailable */
  open(): Promise<AsyncIterable<Uint8Array>>
}

const FILES_AT_ONCE = 200

/** All files of the account, newest first. */
export async function* storedFilesOf(ctx: AccountContext): AsyncGenerator<StoredFile> {
  for (let olderThan: string | undefined; ;) {
    const rows = await queries.listFiles(ctx.db, accountOf(ctx), { limit: FILES_AT_ONCE, olderThan })
    for (const { id, name, size, createdAt, storageKey } of rows)
      yield {
        id,
        name,
        size,
        createdAt,
        open: async () => Readable.fromWeb((await fileStoreOf(ctx.platform).open(storageKey)) as WebStream),
      }
    if (rows.length < FILES_AT_ONCE) return
    olderThan = rows.at(-1)!.id
  }
}

/** Deletes a file; its bytes are removed right after. @throws FileNotFound */
export async function deleteFile(ctx: AccountContext, { fileId }: FileRef): Promise<FileDeleted> {
  await inTransaction(ctx.db, async (db) => {
    const deleted = await queries.deleteFile(db, accountOf(ctx), fileId)
    if (!deleted) throw new FileNotFound(fileId)
    await noteWorkspaceChange({ ...ctx, db }, deleted.agentId)
  })
  // Should it fail now, it is done again with what else is due.
  await removeDueBytes(ctx.platform).catch((error: unknown) => ctx.log.error({ err: error, fileId }, 'could not remove a file yet'))
  return { success: true, fileId }
}

async function findRow(ctx: AccountContext, fileId: string): Promise<queries.FileRow> {
  const row = await queries.findFile(ctx.db, accountOf(ctx), fileId)
  if (!row) throw new FileNotFound(fileId)
  return row
}

/** Where a file is downloaded. */
export const urlOf = (fileId: string): string => `/api/files?download=${fileId}`

const toFile = ({ id, name, size, type, agentId, createdAt }: queries.FileRow): AgentFile => ({
  id,
  filename: name,
  url: urlOf(id),
  size,
  mimeType: type,
  agentId,
  createdAt,
})
