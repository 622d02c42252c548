import { z } from 'zod'
import { Nothing, timestamp } from '#server/platform/core/common.contract.ts'

export { Nothing }

export const WorkspaceExport = z
  .object({
    id: z.string().describe('Its id.'),
    status: z.enum(['preparing', 'ready', 'failed']).meta({
      id: 'WorkspaceExportStatus',
      description: 'How far an export is.',
      'x-enumDescriptions': {
        preparing: 'The archive is being written.',
        ready: 'The archive can be downloaded.',
        failed: 'It could not be written; `error` says why.',
      },
    }),
    url: z.string().nullable().describe('Path to download the archive, for owners who are signed in; null while there is none.'),
    size: z.int().min(0).meta({ format: 'int64' }).nullable().describe('Bytes of the archive; null while there is none.'),
    error: z.string().nullable().describe('Why it failed; null where it did not.'),
    createdAt: timestamp.describe('When it was asked for.'),
    endedAt: timestamp.nullable().describe('When it was ready, or failed; null before.'),
    expiresAt: timestamp.nullable().describe('When the archive is removed; null while there is none.'),
  })
  .meta({ id: 'WorkspaceExport', description: 'An archive of everything a workspace has.' })
export type WorkspaceExport = z.infer<typeof WorkspaceExport>

export const WorkspaceExportList = z.array(WorkspaceExport).max(100)

export const ExportRef = z.object({ exportId: z.string().min(1).describe('Id of the export.') })
export type ExportRef = z.output<typeof ExportRef>
