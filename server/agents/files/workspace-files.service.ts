import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { fileStoreOf } from '#server/integrations/storage/index.ts'
import { isTextType } from './file-types.rules.ts'
import * as queries from './files.queries.ts'

/** Longest file that is handed to a runtime, and the most of them together: a cluster takes no more at once. */
const MAX_FILE_BYTES = 100_000
const MAX_ALL_BYTES = 500_000
const PAGE = 200

/** Folder of the workspace that the files of an agent are in. */
const FOLDER = 'files'

/** The files of an agent as its runtime gets them. */
export interface WorkspaceFiles {
  /** Paths are relative to the workspace. */
  files: { path: string; content: string }[]
  /** Files that are not handed over: no texts, too long, or not to be read at the moment. */
  leftOut: number
}

/** The texts among the files of an agent, the newest first as far as the bytes go; of several with one name the newest. */
export async function readWorkspaceFiles(ctx: AccountContext, agentId: string): Promise<WorkspaceFiles> {
  const rows = await listNewestByName(ctx, agentId)
  const files: WorkspaceFiles['files'] = []
  let bytes = 0
  for (const row of rows) {
    if (!isTextType(row.type) || row.size > MAX_FILE_BYTES || bytes + row.size > MAX_ALL_BYTES) continue
    const content = await readText(ctx, row)
    if (content === undefined) continue
    bytes += row.size
    files.push({ path: `${FOLDER}/${row.name}`, content })
  }
  return { files, leftOut: rows.length - files.length }
}

async function listNewestByName(ctx: AccountContext, agentId: string): Promise<queries.FileRow[]> {
  const newest = new Map<string, queries.FileRow>()
  for (let olderThan: string | undefined; ;) {
    const page = await queries.listFiles(ctx.db, accountOf(ctx), { agentId, limit: PAGE, olderThan })
    for (const row of page) if (!newest.has(row.name)) newest.set(row.name, row)
    if (page.length < PAGE) return [...newest.values()]
    olderThan = page.at(-1)!.id
  }
}

/** An agent comes up without a file that cannot be read. */
async function readText({ platform, log }: AccountContext, { id, storageKey }: queries.FileRow): Promise<string | undefined> {
  try {
    return await new Response(await fileStoreOf(platform).open(storageKey)).text()
  } catch (error) {
    log.warn({ err: error, fileId: id }, 'a file could not be handed to a runtime')
    return undefined
  }
}
