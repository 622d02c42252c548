import { z } from 'zod'
import type { AccountContext, Context } from '#server/platform/core/index.ts'
import { bind, execute, type Download } from '#server/platform/operations/index.ts'
import { WorkspaceExportList } from './exports.contract.ts'
import { exports } from './exports.operations.ts'
import { openArchive } from './exports.service.ts'

const params = { id: 'exportId' }

export const exportsRest = {
  create: bind({ id: 'exportWorkspace', tag: 'workspaces', operation: exports.create, status: 202, errors: [403, 409] }),
  list: bind({
    id: 'listExports',
    tag: 'workspaces',
    operation: exports.list,
    output: z.object({ exports: WorkspaceExportList }),
    body: (list) => ({ exports: list }),
    errors: [403],
  }),
  get: bind({ id: 'getExport', tag: 'workspaces', operation: exports.get, params, errors: [403, 404] }),
  archive: bind({
    id: 'downloadExport',
    tag: 'workspaces',
    operation: exports.get,
    params,
    download: (ctx, { params: { id = '' } }) => openFor(ctx, id),
    errors: [403, 404, 503],
  }),
}

/** The call is counted and checked as that for what is known of the export. @throws ExportNotFound */
async function openFor(ctx: Context, exportId: string): Promise<Download> {
  await execute(exports.get, ctx, { exportId })
  return openArchive(ctx as AccountContext, exportId)
}
