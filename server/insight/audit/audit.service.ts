import type { Db } from '#db/client.ts'
import { auditEvents } from '#server/platform/audit/index.ts'
import { accountOf, type AccountContext, type Context, SERVER_CHAIN } from '#server/platform/core/index.ts'
import type { Entry, PlaceById, Slice } from '#server/platform/operations/index.ts'
import type { AuditEvent, AuditPage, FilterAuditEvents, ListAuditEvents } from './audit.contract.ts'

type Row = Awaited<ReturnType<typeof auditEvents.listEvents>>[number]

const toEvent = ({ actorType, actorId, actorName, targets, context, changes, outcome, ...row }: Row): AuditEvent => ({
  ...row,
  outcome: outcome as AuditEvent['outcome'],
  actor: { type: actorType as AuditEvent['actor']['type'], id: actorId, name: actorName },
  targets: targets as unknown as AuditEvent['targets'],
  context: context as unknown as AuditEvent['context'],
  changes: Object.entries((changes ?? {}) as Record<string, Pick<AuditEvent['changes'][number], 'before' | 'after'>>).map(
    ([field, change]) => ({ field, ...change }),
  ),
})

/** Events of the workspace's log, newest first. */
export const listAuditEvents = (ctx: AccountContext, { before, limit, ...filter }: ListAuditEvents): Promise<AuditPage> =>
  readPage(ctx.db, accountOf(ctx), filter, limit, before)

/** Events of the server's own log, for those who operate it. */
export const listServerEvents = ({ platform }: Context, { before, limit }: Pick<ListAuditEvents, 'before' | 'limit'>): Promise<AuditPage> =>
  readPage(platform.databases.system, SERVER_CHAIN, {}, limit, before)

async function readPage(db: Db, chain: string, filter: FilterAuditEvents, limit: number, before: number | undefined): Promise<AuditPage> {
  const rows = await auditEvents.listEvents(db, chain, filter, limit + 1, before)
  const events = rows.slice(0, limit).map(toEvent)
  return { events, next: rows.length > limit ? events.at(-1)!.number : null }
}

/** A page of them. */
export async function listAuditEventPage(ctx: AccountContext, filter: FilterAuditEvents, { after, limit }: Slice<PlaceById>) {
  const rows = await auditEvents.listEvents(ctx.db, accountOf(ctx), filter, limit, after && Number(after[0]))
  return rows.map((row): Entry<AuditEvent, PlaceById> => ({ node: toEvent(row), place: [String(row.number)] }))
}

/** How many there are. */
export const countAuditEvents = (ctx: AccountContext, filter: FilterAuditEvents): Promise<number> =>
  auditEvents.countEvents(ctx.db, accountOf(ctx), filter)

/** Events that are read at a time. */
const BATCH = 500

/** All events of the workspace's log, newest first, as they were when it began. */
export async function* exportAuditEvents(ctx: AccountContext, filter: FilterAuditEvents): AsyncGenerator<AuditEvent> {
  for (let before: number | undefined; ;) {
    ctx.signal.throwIfAborted()
    const rows = await auditEvents.listEvents(ctx.db, accountOf(ctx), filter, BATCH, before)
    for (const row of rows) yield toEvent(row)
    if (rows.length < BATCH) return
    before = rows.at(-1)!.number
  }
}
