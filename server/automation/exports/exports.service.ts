import { fileStoreOf } from '#server/integrations/storage/index.ts'
import { accountOf, type AccountContext, newId, type Platform } from '#server/platform/core/index.ts'
import type { Download } from '#server/platform/operations/index.ts'
import { enqueueJobs } from '../jobs/index.ts'
import type { ExportRef, WorkspaceExport } from './exports.contract.ts'
import { ExportLimitReached, ExportNotFound, ExportRunning } from './exports.errors.ts'
import { MAX_ATTEMPTS, WORKSPACE_EXPORT } from './export-job.service.ts'
import * as queries from './exports.queries.ts'

const MAX_A_DAY = 3

/** Has an archive made of everything the workspace has. @throws ExportRunning; ExportLimitReached after three in a day. */
export async function exportWorkspace(ctx: AccountContext): Promise<WorkspaceExport> {
  const recent = await queries.lockRecentExports(ctx.db, accountOf(ctx))
  if (recent.some(({ status }) => status === 'preparing')) throw new ExportRunning()
  if (recent.length >= MAX_A_DAY) throw new ExportLimitReached(MAX_A_DAY, Math.max(1, recent[0]!.forgottenInSeconds))
  const row = await queries.insertExport(ctx.db, accountOf(ctx), newId('export'))
  await enqueueJobs(ctx.db, [
    {
      id: newId('job'),
      accountId: accountOf(ctx),
      agentId: null,
      type: WORKSPACE_EXPORT,
      payload: { exportId: row.id },
      maxAttempts: MAX_ATTEMPTS,
      runAt: new Date().toISOString(),
      exclusiveKey: `export ${accountOf(ctx)}`,
    },
  ])
  return toExport(row)
}

/** Exports of the last days, newest first. */
export const listExports = async (ctx: AccountContext): Promise<WorkspaceExport[]> =>
  (await queries.listExports(ctx.db, accountOf(ctx))).map(toExport)

/** @throws ExportNotFound */
export async function getExport(ctx: AccountContext, { exportId }: ExportRef): Promise<WorkspaceExport> {
  const row = await queries.findExport(ctx.db, accountOf(ctx), exportId)
  if (!row) throw new ExportNotFound(exportId)
  return toExport(row)
}

/** The archive itself. @throws ExportNotFound, also while it is not ready and once it is no longer kept. */
export async function openArchive(ctx: AccountContext, exportId: string): Promise<Download> {
  const archive = await queries.findArchive(ctx.db, accountOf(ctx), exportId)
  if (!archive) throw new ExportNotFound(exportId)
  const { storageKey, size, sha256, createdAt } = archive
  return {
    name: `agentbot-${createdAt.slice(0, 10)}.tar.gz`,
    size: size!,
    type: 'application/gzip',
    etag: `"${sha256}"`,
    open: (range) => fileStoreOf(ctx.platform).open(storageKey!, range),
  }
}

/** Removes archives whose day is over, and says of exports that no server works on any more that they failed. */
export async function forgetOldExports(platform: Platform): Promise<void> {
  await queries.failAbandoned(platform.databases.system, 'The server stopped while the archive was being written.')
  await queries.deleteExpired(platform)
}

const toExport = (row: queries.ExportRow): WorkspaceExport => ({
  ...row,
  status: row.status as WorkspaceExport['status'],
  url: row.status === 'ready' ? `/api/workspaces/exports/${row.id}/archive` : null,
})
