import { z } from 'zod'
import { type Context, InvalidInput } from '#server/platform/core/index.ts'
import { bind, executeStream, type Download } from '#server/platform/operations/index.ts'
import { FilterAuditEvents, type AuditEvent } from './audit.contract.ts'
import { csvHead, csvLine } from './audit.csv.ts'
import { audit } from './audit.operations.ts'

const formats = {
  jsonl: { type: 'application/jsonl; charset=utf-8', head: '', line: (event: AuditEvent) => `${JSON.stringify(event)}\n` },
  csv: { type: 'text/csv; charset=utf-8', head: csvHead, line: csvLine },
}
type Format = keyof typeof formats

export const auditRest = {
  list: bind({ id: 'listAuditEvents', tag: 'audit', operation: audit.list, stream: audit.export }),
  export: bind({
    id: 'exportAuditEvents',
    tag: 'audit',
    operation: audit.list,
    download: (ctx, { query: { format = 'jsonl', ...filter } }) => openExport(ctx, format, filter),
    document: {
      query: FilterAuditEvents.extend({
        format: z.enum(['jsonl', 'csv']).default('jsonl').describe('A JSON object on each line, or comma-separated values.'),
      }),
    },
  }),
}

/** The whole log as a file, made while it is sent. @throws InvalidInput naming `format`; what the export throws. */
async function openExport(ctx: Context, format: string, filter: Record<string, string>): Promise<Download> {
  if (!Object.hasOwn(formats, format)) throw new InvalidInput([{ field: 'format', message: 'expected jsonl or csv' }])
  const { type, head, line } = formats[format as Format]
  const events = await executeStream(audit.export, ctx, filter)
  return { name: `audit.${format}`, type, open: async () => streamOf(chunksOf(events, head, line)) }
}

/** Is read no faster than it is sent. */
const streamOf = (chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await chunks.return(undefined)),
  })

/** Events are sent a few at a time, rather than each in a piece of its own. */
const MAX_LINES = 200

async function* chunksOf(
  events: AsyncGenerator<AuditEvent>,
  head: string,
  line: (event: AuditEvent) => string,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let lines = [head]
  for await (const event of events) {
    lines.push(line(event))
    if (lines.length < MAX_LINES) continue
    yield encoder.encode(lines.join(''))
    lines = []
  }
  yield encoder.encode(lines.join(''))
}
