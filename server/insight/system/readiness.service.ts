import { type Context, type Platform, AppError } from '#server/platform/core/index.ts'
import { hasRoom } from '#server/platform/host/index.ts'
import type { Readiness } from './system.contract.ts'

/** Longest the database may take to answer before the server counts as not ready. */
const MAX_PING_MS = 2_000
/** Seconds until a server that is not ready is worth another look. */
const RETRY_AFTER_SECONDS = 5

/** What a server needs to carry out calls, and does not have. */
type Part = 'database' | 'disk' | 'shutdown'

interface Missing {
  part: Part
  reason: string
}

class NotReady extends AppError {
  constructor(missing: Missing[]) {
    const words = missing.map(({ part, reason }) => `${part}: ${reason}`).join('; ')
    super('unavailable', 'NOT_READY', `Not ready. ${words}`, { missing, retryAfterSeconds: RETRY_AFTER_SECONDS })
  }
}

/** Whether the server can carry out calls now. @throws NotReady naming everything that is missing. */
export async function getReadiness({ platform }: Context): Promise<Readiness> {
  const missing = await findMissing(platform)
  if (missing.length > 0) throw new NotReady(missing)
  return { status: 'ready', timestamp: new Date().toISOString() }
}

/** Looks that are under way; whoever asks meanwhile gets the same answer, so that asking costs one query at a time. */
const looks = new WeakMap<Platform, Promise<Missing[]>>()

function findMissing(platform: Platform): Promise<Missing[]> {
  const current = looks.get(platform)
  if (current) return current
  const look = checkAll(platform).finally(() => looks.delete(platform))
  looks.set(platform, look)
  return look
}

async function checkAll({ env, databases, shutdown }: Platform): Promise<Missing[]> {
  const missing: Missing[] = []
  if (shutdown.aborted) missing.push({ part: 'shutdown', reason: 'The server stops.' })
  if (!(await answersInTime(databases.ping()))) missing.push({ part: 'database', reason: 'The database does not answer.' })
  // With Postgres the disk here takes uploads only, and they are refused by themselves.
  if (!env.DATABASE_URL && !hasRoom(env.DATA_DIR)) missing.push({ part: 'disk', reason: 'The disk that holds DATA_DIR is full.' })
  return missing
}

async function answersInTime(ping: Promise<void>): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), MAX_PING_MS)
  const answered = ping.then(
    () => true,
    () => false,
  )
  return Promise.race([answered, tooLate]).finally(() => clearTimeout(timer))
}
