import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Env } from './env.ts'
import { RateLimited } from './errors.ts'
import type { Logger } from './log.ts'
import { countRateLimited } from './telemetry.ts'

/**
 * The documented buckets: `limit` calls per `seconds`, shared by all operations of a bucket and
 * counted per person (per address when nobody is signed in) or always per address.
 */
export const buckets = {
  general: { limit: 120, seconds: 60, per: 'ip' },
  agents: { limit: 100, seconds: 60, per: 'user' },
  instance: { limit: 30, seconds: 60, per: 'user' },
  provision: { limit: 5, seconds: 60, per: 'ip' },
  chat: { limit: 60, seconds: 60, per: 'user' },
  gateway: { limit: 100, seconds: 60, per: 'user' },
  ai: { limit: 30, seconds: 60, per: 'ip' },
  register: { limit: 10, seconds: 60, per: 'ip' },
  /** Requests to `/graphql`, valid or not; what they call counts in the buckets of the operations besides. */
  graphql: { limit: 300, seconds: 60, per: 'ip' },
  // Each sends a mail to an address somebody chose.
  invitations: { limit: 30, seconds: 3600, per: 'user' },
  // Codes are counted per person as well: these are so that one address cannot try many people.
  secondFactor: { limit: 20, seconds: 900, per: 'ip' },
  oauth: { limit: 30, seconds: 60, per: 'ip' },
  login: { limit: 5, seconds: 900, per: 'ip' },
  /** Reports of keys that leaked: anybody may make one, and each looks for keys. */
  leaks: { limit: 10, seconds: 60, per: 'ip' },
  /** What Stripe and others send by themselves. */
  webhooks: { limit: 600, seconds: 60, per: 'ip' },
  'forgot-password': { limit: 5, seconds: 900, per: 'ip' },
  'reset-password': { limit: 5, seconds: 900, per: 'ip' },
  'verify-email': { limit: 10, seconds: 900, per: 'ip' },
  // Not of an operation: accounts made and resets asked for without solved puzzles.
  unproven: { limit: 100, seconds: 86_400, per: 'ip' },
  // Not of an operation: calls with an Idempotency-Key, whose answers are kept for a day.
  idempotency: { limit: 5000, seconds: 86_400, per: 'user' },
} as const

export type Bucket = keyof typeof buckets

/**
 * Credentials nobody has that an address may send in a minute; each is a query. Those that are being
 * looked up count too, so it has to be well above what one address sends at the same moment.
 */
const UNKNOWN_CREDENTIALS = { limit: 300, seconds: 60 }

/** What the `RateLimit-*` headers say after a call was counted. */
export interface RateLimitState {
  limit: number
  remaining: number
  resetSeconds: number
}

export interface RateLimits {
  /** Counts one call of `caller`. @throws RateLimited when the bucket is used up; its state is then in `details`. */
  count(bucket: Bucket, caller: { callerId: string | null; ip: string }): Promise<RateLimitState>
  /** Counts one call of an API key that has a limit of its own, in calls per minute. @throws RateLimited */
  countKey(keyId: string, limit: number): Promise<RateLimitState>
  /** Counts a credential that is about to be looked up, at this server. @throws RateLimited when the address has sent too many that nobody has. */
  countUnknownCredential(ip: string): Promise<void>
  /** Somebody has it after all. */
  takeBackUnknownCredential(ip: string): Promise<void>
  close(): Promise<void>
}

export async function createRateLimits(env: Pick<Env, 'REDIS_URL' | 'RATE_LIMIT_SCALE'>, log: Logger): Promise<RateLimits> {
  const redis = env.REDIS_URL ? await connectRedis(env.REDIS_URL, log) : undefined

  // Redis that goes away must not take the platform with it: counting goes on in memory.
  const limiter = (keyPrefix: string, points: number, duration: number): RateLimiterAbstract => {
    const insurance = new RateLimiterMemory({ keyPrefix, points, duration })
    return redis ? new RateLimiterRedis({ storeClient: redis, keyPrefix, points, duration, insuranceLimiter: insurance }) : insurance
  }
  const scaled = (limit: number) => Math.max(1, Math.round(limit * env.RATE_LIMIT_SCALE))
  const limiters = new Map(Object.entries(buckets).map(([name, { limit, seconds }]) => [name, limiter(name, scaled(limit), seconds)]))
  // It protects the database from this server, so it is counted here and costs no round trip.
  const unknownCredentials = new RateLimiterMemory({
    keyPrefix: 'credentials',
    points: scaled(UNKNOWN_CREDENTIALS.limit),
    duration: UNKNOWN_CREDENTIALS.seconds,
  })
  const keyLimiters = new Map<number, RateLimiterAbstract>()
  return {
    count(bucket, { callerId, ip }) {
      return consume(limiters.get(bucket)!, buckets[bucket].per === 'user' && callerId ? callerId : ip)
    },
    countKey(keyId, limit) {
      if (!keyLimiters.has(limit)) keyLimiters.set(limit, limiter(`key-${limit}`, limit, 60))
      return consume(keyLimiters.get(limit)!, keyId)
    },
    countUnknownCredential: async (ip) => void (await consume(unknownCredentials, ip)),
    takeBackUnknownCredential: async (ip) => void (await unknownCredentials.reward(ip)),
    close: async () => void (await redis?.quit().catch(() => undefined)),
  }
}

async function connectRedis(url: string, log: Logger): Promise<Redis> {
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1 })
  redis.on('error', (error) => log.warn({ err: error }, 'Redis does not answer; rate limits are counted in this process'))
  return redis
}

async function consume(limiter: RateLimiterAbstract, key: string): Promise<RateLimitState> {
  try {
    return stateOf(limiter, await limiter.consume(key))
  } catch (result) {
    if (!(result instanceof RateLimiterRes)) throw result
    countRateLimited(limiter.keyPrefix.startsWith('key-') ? 'key' : limiter.keyPrefix)
    throw new RateLimitExceeded(stateOf(limiter, result))
  }
}

const stateOf = (limiter: RateLimiterAbstract, result: RateLimiterRes): RateLimitState => ({
  limit: limiter.points,
  remaining: Math.max(0, result.remainingPoints),
  resetSeconds: Math.max(0, Math.ceil(result.msBeforeNext / 1000)),
})

/** A bucket is used up; carries the state for the headers. */
export class RateLimitExceeded extends RateLimited {
  readonly state: RateLimitState
  constructor(state: RateLimitState) {
    super(Math.max(1, state.resetSeconds))
    this.state = state
  }
}
