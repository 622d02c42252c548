import type { AccountActor, Platform } from '#server/platform/core/index.ts'
import { openStreamsOf, type OpenStream } from '#server/platform/operations/index.ts'
import * as queries from './open-streams.queries.ts'

/** Ends the streams of sessions and keys of an account, or of all, that would not be let in any more. */
export async function endClosedStreams(platform: Platform, accountId?: string): Promise<void> {
  const open = [...openStreamsOf(platform)].filter(
    (stream): stream is OpenStream & { actor: AccountActor } =>
      'account' in stream.actor && (accountId === undefined || stream.actor.account.id === accountId),
  )
  if (open.length === 0) return
  const { system } = platform.databases
  const callers = open.map(({ actor }) => ({ accountId: actor.account.id, credentialId: idOf(actor) }))
  const good = new Set((await queries.listGoodCallers(system, callers)).map(nameOf))
  for (const [index, stream] of open.entries()) if (!good.has(nameOf(callers[index]!))) stream.end()
}

/** Ends the streams of a session that is over. */
export function endStreamsOfSession(platform: Platform, sessionId: string): void {
  for (const stream of openStreamsOf(platform)) if (stream.actor.kind === 'session' && stream.actor.session.id === sessionId) stream.end()
}

const nameOf = ({ accountId, credentialId }: queries.Caller): string => `${accountId} ${credentialId}`

function idOf(actor: AccountActor): string {
  if (actor.kind === 'session') return actor.session.id
  return actor.kind === 'key' ? actor.keyId : ''
}
