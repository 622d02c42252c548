import pino from 'pino'
import { DatabaseUnreachable } from '#db/database-failures.ts'
import { type Env, secretsOf } from './env.ts'
import { REMOVED, redactSecrets } from './redaction.ts'

export type Logger = pino.Logger

/** While the database is away everything that needs it fails; one line in so many seconds says so. */
const MIN_OUTAGE_LINE_MS = 30_000

/** Nothing is logged that is nested deeper, so that a circle ends. */
const MAX_DEPTH = 8

/** Secrets that may have come back in a failure, such as the key its call was made with. */
const withheld = new WeakMap<Error, readonly string[]>()

/** Fields that hold a secret by their name, whatever it looks like. */
const secretField = /password|passphrase|secret|authorization|cookie|credential|api[-_]?key|private[-_]?key|token$|^key$|^value$/i

/** A single address or hash of a chain, which is public. */
const chainHash = /^0x[0-9a-f]{40,64}$/i

/**
 * JSON lines on standard output. Secrets are cut out wherever they might be logged by mistake, at any depth: those of the
 * configuration, those that were withheld from a failure, what has the form of one and what a field's name says is one.
 * Errors are written without what they carry besides, and a database that is away is not told again and again.
 *
 * @param destination Where the lines go, for tests.
 */
export function createLogger(env: Pick<Env, 'LOG_LEVEL'> & Partial<Env>, destination?: pino.DestinationStream): Logger {
  let outageToldAt = -Infinity
  const known = secretsOf(env)
  const options: pino.LoggerOptions = {
    level: env.LOG_LEVEL,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    // What is logged is described already.
    serializers: { err: (described: unknown) => described },
    formatters: { bindings: (bindings) => withoutSecrets(bindings, known) as Record<string, unknown> },
    hooks: {
      logMethod(args, write) {
        if (isOutage((args[0] as { err?: unknown } | undefined)?.err)) {
          const now = performance.now()
          if (now - outageToldAt < MIN_OUTAGE_LINE_MS) return
          outageToldAt = now
        }
        write.apply(this, asEntry(args).map((arg: unknown) => withoutSecrets(arg, known)) as typeof args)
      },
    },
  }
  return destination ? pino(options, destination) : pino(options)
}

const isOutage = (error: unknown): boolean =>
  error instanceof DatabaseUnreachable || (error instanceof Error && error.cause instanceof DatabaseUnreachable)

/**
 * Keeps secrets out of what is logged of a failure and of whatever it causes, where what came from outside may repeat them.
 *
 * @returns the failure.
 */
export function withholdFromLog<T>(failure: T, ...secrets: (string | undefined)[]): T {
  const given = secrets.filter((secret) => secret !== undefined)
  if (failure instanceof Error) withheld.set(failure, [...(withheld.get(failure) ?? []), ...given])
  return failure
}

/** A failure by itself is logged as one that is given with its message. */
const asEntry = ([first, ...others]: unknown[]): unknown[] =>
  first instanceof Error ? [{ err: first }, ...(others.length > 0 ? others : [first.message])] : [first, ...others]

/** A value as it may be logged. */
function withoutSecrets(value: unknown, known: readonly string[], depth = 0): unknown {
  if (typeof value === 'string') return chainHash.test(value) ? value : redactSecrets(value, known)
  if (value instanceof Error) return describeFailure(value, known)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '[too deep]'
  if ('toJSON' in value && typeof value.toJSON === 'function') return withoutSecrets(value.toJSON() as unknown, known, depth + 1)
  if (Array.isArray(value)) return value.map((entry) => withoutSecrets(entry, known, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, isSecretField(name, entry) ? REMOVED : withoutSecrets(entry, known, depth + 1)]),
  )
}

/** Numbers and yes or no are no secrets: `inputTokens`, `hasPassword`. */
const isSecretField = (name: string, value: unknown): boolean =>
  secretField.test(name) && ((typeof value === 'object' && value !== null) || (typeof value === 'string' && value !== ''))

/** What the log tells of a failure. */
interface Description {
  type: string
  message: string
  stack?: string
  code?: string
  cause?: Description
}

/**
 * A failure as it is logged: what it is, where it came from and why, without secrets. Nothing else that libraries hang on
 * their errors, such as the parameters of a query, the row that was refused, or the headers of a request.
 *
 * @param known Secrets that may be in it.
 */
export function describeFailure(failure: unknown, known: readonly string[] = []): Description {
  const causes = causesOf(failure)
  const secrets = [...known, ...causes.flatMap((cause) => (cause instanceof Error ? (withheld.get(cause) ?? []) : []))]
  return causes.reduceRight<Description | undefined>((cause, error) => {
    const described = describeOne(error, secrets)
    return cause ? { ...described, cause } : described
  }, undefined)!
}

/** A failure and what caused it, outermost first. One that is its own cause is there once. */
function causesOf(failure: unknown): unknown[] {
  const causes = [failure]
  for (let at = failure; at instanceof Error && at.cause !== undefined && !causes.includes(at.cause); at = at.cause) causes.push(at.cause)
  return causes
}

function describeOne(failure: unknown, secrets: readonly string[]): Description {
  if (!(failure instanceof Error)) return { type: typeof failure, message: redactSecrets(String(failure), secrets) }
  const { code } = failure as { code?: unknown }
  return {
    type: failure.name,
    message: redactSecrets(failure.message, secrets),
    ...(failure.stack ? { stack: redactSecrets(failure.stack, secrets) } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  }
}
