import { accountOf, type AccountContext, AppError } from '#server/platform/core/index.ts'
import type { AgentFileReader } from '#server/models/completions/index.ts'
import { fileStoreOf } from '#server/integrations/storage/index.ts'
import { isTextType } from './file-types.rules.ts'
import * as queries from './files.queries.ts'

const MAX_BYTES = 100_000

class NotReadable extends AppError {
  constructor(message: string) {
    super('invalid_input', 'FILE_NOT_READABLE', message)
  }
}

/** The files of an agent as the tools of a model see them. */
export function agentFileReaderOf(ctx: AccountContext, agentId: string): AgentFileReader {
  return {
    async list(limit) {
      const rows = await queries.listFiles(ctx.db, accountOf(ctx), { agentId, limit })
      const { count } = await queries.sumFiles(ctx.db, accountOf(ctx), agentId)
      return { count, files: rows.map(({ name, size, type }) => ({ name, size, type })) }
    },
    async read(name) {
      const row = await queries.findFileByName(ctx.db, accountOf(ctx), agentId, name)
      if (!row) return undefined
      if (!isTextType(row.type)) throw new NotReadable(`"${name}" is not a text file (${row.type}).`)
      if (row.size > MAX_BYTES) throw new NotReadable(`"${name}" has ${row.size} bytes; files of up to ${MAX_BYTES} can be read.`)
      return new Response(await fileStoreOf(ctx.platform).open(row.storageKey)).text()
    },
  }
}
