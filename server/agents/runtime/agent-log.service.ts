import { findAgentRow, hasAgent } from '../definitions/index.ts'
import { accountOf, hasScope, type AccountContext, cutText, newId, sha256, toStorableText } from '#server/platform/core/index.ts'
import { EventQueue } from '#server/platform/flow/index.ts'
import { PlacedEvent } from '#server/platform/operations/index.ts'
import { followAgents, type AgentNotice } from './agent-events.ts'
import * as queries from './agent-logs.queries.ts'
import { driverOf } from '../drivers/index.ts'
import { type LogLevel, type RuntimeLogLine, cutFolders, spellingsOf } from '../drivers/interface/index.ts'
import { inOrder, LogPlace, type WrittenLine } from './log-place.ts'
import { refOf } from './runtime-agent.service.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import type { FilterLogs, ListLogs, LogEntry, LogEvent, LogList } from './runtime.contract.ts'

const MAX_KEPT = 1000
const MAX_LINE_LENGTH = 4000
/** Lines a watcher knows that it has shown; a line comes twice at most within what a runtime is asked for at once. */
const MAX_REMEMBERED = 2 * MAX_KEPT
/** A runtime does not say when it writes, so it is asked again while somebody watches. */
const ASK_AGAIN_MS = 1000

/** Writes a line into the log of an agent. A log that cannot be written stops nothing. */
export async function writeLog(
  ctx: AccountContext,
  agentId: string,
  source: 'agent' | 'runtime' | 'watchdog' | 'channel',
  level: LogLevel,
  text: string,
): Promise<void> {
  const message = cutText(toStorableText(cutFolders(text, spellingsOf([ctx.platform.env.DATA_DIR]))), MAX_LINE_LENGTH)
  try {
    await queries.insertLog(ctx.db, accountOf(ctx), { id: newId('agentLog'), agentId, level, source, message }, MAX_KEPT)
  } catch (error) {
    ctx.log.error({ err: error, agentId }, 'could not write into the log of an agent')
  }
}

/** Lines of an agent and of its runtime, newest first. @throws AgentNotFound; RuntimeUnreachable */
export async function listLogs(ctx: AccountContext, { agentId, limit, level = null }: LogQuery): Promise<LogList> {
  await findAgentRow(ctx, agentId)
  const [own, kept, runtime] = await Promise.all([
    queries.listLogs(ctx.db, accountOf(ctx), agentId, level, limit),
    queries.countLogs(ctx.db, accountOf(ctx), agentId, level),
    readRuntimeLog(ctx, agentId, level),
  ])
  const logs = [...(own as LogEntry[]), ...runtime].sort(newestFirst).slice(0, limit)
  return { logs, total: kept + runtime.length, limit }
}

/**
 * A page of those lines, in the order of their times and then their ids. A runtime knows no pages: what is kept of
 * both is put in order here.
 *
 * @throws AgentNotFound; RuntimeUnreachable
 */
export async function listLogPage(ctx: AccountContext, filter: FilterLogs, { after, limit }: Slice<PlaceByTime>) {
  const { logs } = await listLogs(ctx, { ...filter, limit: 2 * MAX_KEPT })
  const entries = logs.map((node): Entry<LogEntry, PlaceByTime> => ({ node, place: [node.timestamp, node.id] }))
  entries.sort((a, b) => comparePlaces(b.place, a.place))
  return entries.filter(({ place }) => !after || comparePlaces(place, after) < 0).slice(0, limit)
}

/** How many lines are kept. @throws AgentNotFound; RuntimeUnreachable */
export async function countLogs(ctx: AccountContext, filter: FilterLogs): Promise<number> {
  return (await listLogs(ctx, { ...filter, limit: 1 })).total
}

const comparePlaces = ([at, id]: PlaceByTime, [otherAt, otherId]: PlaceByTime): number => {
  if (at !== otherAt) return at < otherAt ? -1 : 1
  return id < otherId ? -1 : id > otherId ? 1 : 0
}

type LogQuery = Omit<ListLogs, 'level'> & { level?: LogLevel | null | undefined }

const newestFirst = (a: LogEntry, b: LogEntry): number => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0)

/**
 * What a gateway writes, in containers also what the commands of its model write, may repeat what was said, so a key
 * has to be one that may read conversations.
 */
const mayReadRuntimeLog = ({ actor }: AccountContext): boolean => hasScope(actor, 'chat:read')

async function readRuntimeLog(ctx: AccountContext, agentId: string, level: LogLevel | null, since?: string): Promise<LogEntry[]> {
  if (!mayReadRuntimeLog(ctx)) return []
  const lines = await driverOf(ctx.platform).logs(refOf(ctx, { id: agentId }), { limit: MAX_KEPT, ...(since ? { since } : {}) })
  return lines.filter((line) => level === null || line.level === level).map((line) => toEntry(agentId, line))
}

/** A runtime's lines have no ids, so they get one that is the same whenever they are read. */
const toEntry = (agentId: string, { time, level, message }: RuntimeLogLine): LogEntry => ({
  id: `log_${sha256(`${agentId} ${time} ${message}`).slice(0, 26)}`,
  timestamp: time,
  level,
  message,
  source: 'runtime',
  agentId,
})

/**
 * The last lines of an agent, oldest first, and then each new one as it is written, until the agent is deleted. A caller
 * that had come to a line (`ctx.lastEventId`) gets those after it, as far as they are kept.
 *
 * @throws AgentNotFound
 */
export async function* streamLogs(
  ctx: AccountContext,
  { agentId, limit, level = null }: LogQuery,
): AsyncGenerator<LogEvent | PlacedEvent<LogEvent>> {
  await findAgentRow(ctx, agentId)
  const ended = new AbortController()
  const notices = await followAgents(ctx.platform, accountOf(ctx), AbortSignal.any([ctx.signal, ended.signal]))
  const written = new EventQueue<Written>()
  const reading = readOwnLines(ctx, agentId, level, notices, written)
  const stopAsking = askRuntime(ctx, agentId, level, written)
  try {
    const from = LogPlace.parse(ctx.lastEventId)
    const ready = { type: 'ready', agentId } as const
    yield from ? new PlacedEvent(from.text, ready) : ready
    const newestFirst = await queries.listLogs(ctx.db, accountOf(ctx), agentId, level, from ? MAX_KEPT : limit)
    const own = newestFirst.toReversed() as LogEntry[]
    const runtime = await readRuntimeLog(ctx, agentId, level)
    const lines = from?.rest(own, runtime) ?? inOrder(own, runtime).slice(-limit)
    const place = from ?? LogPlace.before(lines[0]?.entry)
    const shown = new Set([...own, ...runtime].map(({ id }) => id))
    for (const line of lines) yield place.pass(line)
    for await (const line of written) {
      if ('type' in line) {
        yield line
        continue
      }
      if (shown.has(line.entry.id)) continue
      shown.add(line.entry.id)
      if (shown.size > MAX_REMEMBERED) shown.delete(shown.values().next().value!)
      yield place.pass(line)
    }
  } finally {
    stopAsking()
    ended.abort()
    written.close()
    await reading
  }
}

/** A line, or that no more will come. */
type Written = WrittenLine | Extract<LogEvent, { type: 'deleted' }>

/** Passes on lines in the database as it says that they were written; ends with the notices, or with the agent. */
async function readOwnLines(
  ctx: AccountContext,
  agentId: string,
  level: LogLevel | null,
  notices: AsyncIterable<AgentNotice>,
  written: EventQueue<Written>,
): Promise<void> {
  try {
    for await (const notice of notices) {
      if (await isGone(ctx, agentId, notice)) {
        await written.push({ type: 'deleted', agentId, timestamp: new Date().toISOString() })
        break
      }
      if (notice.kind !== 'log' || notice.agentId !== agentId) continue
      const entry = (await queries.findLog(ctx.db, accountOf(ctx), notice.logId)) as LogEntry | undefined
      if (entry && (level === null || entry.level === level)) await written.push({ entry, isOwn: true })
    }
    written.close()
  } catch (error) {
    written.fail(error)
  }
}

/** Whether a notice says that the agent was deleted, or may hide that. */
async function isGone(ctx: AccountContext, agentId: string, notice: AgentNotice): Promise<boolean> {
  if (notice.kind === 'gap') return !(await hasAgent(ctx, agentId))
  return notice.kind === 'deleted' && notice.agentId === agentId
}

/** Passes on what the runtime writes, until the returned function is called. */
function askRuntime(ctx: AccountContext, agentId: string, level: LogLevel | null, written: EventQueue<Written>): () => void {
  if (driverOf(ctx.platform).inProcess || !mayReadRuntimeLog(ctx)) return () => undefined
  let since = new Date().toISOString()
  const timer = setInterval(async () => {
    if (written.isFull) return
    // A runtime that cannot be reached now may be by the next time.
    const lines = await readRuntimeLog(ctx, agentId, level, since).catch(() => [])
    since = lines.at(-1)?.timestamp ?? since
    for (const entry of lines) void written.push({ entry, isOwn: false })
  }, ASK_AGAIN_MS)
  timer.unref()
  return () => clearInterval(timer)
}
