import pino from 'pino'
import { DatabaseUnreachable } from '#db/database-failures.ts'
import type { Env } from './env.ts'

export type Logger = pino.Logger

/** While the database is away everything that needs it fails; one line in so many seconds says so. */
const MIN_OUTAGE_LINE_MS = 30_000

/**
 * JSON lines on standard output. Credentials are cut out wherever they might be logged by mistake, errors are written
 * without what they carry besides, and a database that is away is not told again and again.
 *
 * @param destination Where the lines go, for tests.
 */
export function createLogger(env: Pick<Env, 'LOG_LEVEL'>, destination?: pino.DestinationStream): Logger {
  let outageToldAt = -Infinity
  const options: pino.LoggerOptions = {
    level: env.LOG_LEVEL,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['*.password', '*.authorization', '*.cookie', '*.key', '*.apiKey', '*.value'], censor: '[removed]' },
    serializers: { err: describeFailure },
    hooks: {
      logMethod(args, write) {
        if (isOutage((args[0] as { err?: unknown } | undefined)?.err)) {
          const now = performance.now()
          if (now - outageToldAt < MIN_OUTAGE_LINE_MS) return
          outageToldAt = now
        }
        write.apply(this, args)
      },
    },
  }
  return destination ? pino(options, destination) : pino(options)
}

const isOutage = (error: unknown): boolean =>
  error instanceof DatabaseUnreachable || (error instanceof Error && error.cause instanceof DatabaseUnreachable)

/** What the log tells of a failure. */
interface Description {
  type: string
  message: string
  stack?: string
  code?: string
  cause?: Description
}

/**
 * A failure as it is logged: what it is, where it came from and why. Nothing else that libraries hang on their errors,
 * such as the parameters of a query, the row that was refused, or the headers of a request.
 */
export function describeFailure(failure: unknown): Description {
  if (!(failure instanceof Error)) return { type: typeof failure, message: String(failure) }
  const { code } = failure as { code?: unknown }
  return {
    type: failure.name,
    message: failure.message,
    ...(failure.stack ? { stack: failure.stack } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(failure.cause === undefined ? {} : { cause: describeFailure(failure.cause) }),
  }
}
