import { forgetExpiredSessions } from './auth/sessions.ts'
import { failInterruptedTurns } from './chat/chat.service.ts'
import type { Platform } from './core/context.ts'
import { forgetExpiredIdempotencyKeys, releaseInterruptedIdempotencyKeys } from './core/idempotency.ts'

const EVERY_MS = 60 * 60 * 1000

/**
 * Tidies up after a server that was killed, and then removes what has expired every hour.
 *
 * On the embedded database nobody else can be at work, so what is still open was left behind. On
 * Postgres another server may be working on it; there the leases run out by themselves.
 */
export async function startHousekeeping(platform: Platform): Promise<void> {
  if (!platform.env.DATABASE_URL) {
    await failInterruptedTurns(platform)
    await releaseInterruptedIdempotencyKeys(platform)
  }
  const tidy = () =>
    Promise.all([forgetExpiredSessions(platform), forgetExpiredIdempotencyKeys(platform)]).catch((error: unknown) =>
      platform.log.error({ err: error }, 'could not remove what has expired'),
    )
  await tidy()
  const timer = setInterval(tidy, EVERY_MS)
  timer.unref()
  platform.shutdown.addEventListener('abort', () => clearInterval(timer))
}
