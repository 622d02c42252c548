import pino from 'pino'
import type { Env } from './env.ts'

export type Logger = pino.Logger

/** JSON lines on standard output. Credentials are cut out wherever they might be logged by mistake. */
export const createLogger = (env: Pick<Env, 'LOG_LEVEL'>): Logger =>
  pino({
    level: env.LOG_LEVEL,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['*.password', '*.authorization', '*.cookie', '*.key', '*.apiKey', '*.value'], censor: '[removed]' },
  })
