import { randomBytes } from 'node:crypto'
import type { Db } from '#db/client.ts'
import { sha256 } from '#server/platform/core/index.ts'
import * as queries from './one-time-tokens.queries.ts'

interface NewToken {
  /** What it is for; it is good for nothing else. */
  purpose: string
  /** Whom it is for; it goes with them. */
  userId?: string
  /** What is to be known when it is taken. */
  data?: Record<string, unknown>
  /** How long it is good. */
  seconds: number
  /** The token itself where something else prescribes its form; else 32 random bytes in base64url. */
  token?: string
}

/**
 * Makes a token that can be taken once: a link in a mail, a nonce, the state of a sign-in elsewhere. Only its hash is kept.
 *
 * @param systemDb The application's own connections do not see the table.
 */
export async function issueOneTimeToken(
  systemDb: Db,
  { token = randomBytes(32).toString('base64url'), ...rest }: NewToken,
): Promise<string> {
  await queries.insertToken(systemDb, { ...rest, tokenHash: sha256(token) })
  return token
}

/** What was said of a token when it was made. */
export interface TakenToken {
  userId: string | null
  data: Record<string, unknown>
}

/** Uses a token up: of any number of callers one gets it. @returns undefined when it is unknown, over, taken, or for another purpose. */
export const takeOneTimeToken = (systemDb: Db, purpose: string, token: string): Promise<TakenToken | undefined> =>
  queries.takeToken(systemDb, purpose, sha256(token))

/** Looks at a token without using it up. */
export const peekOneTimeToken = (systemDb: Db, purpose: string, token: string): Promise<TakenToken | undefined> =>
  queries.findToken(systemDb, purpose, sha256(token))

/** Makes all tokens of a person void that were for this purpose. */
export const dropOneTimeTokens = (systemDb: Db, purpose: string, userId: string) => queries.deleteTokensOf(systemDb, purpose, userId)

/** Makes all tokens of a person void. */
export const dropAllOneTimeTokens = queries.deleteAllTokensOf

/** What was said of the tokens of a person that are still good. */
export const listOneTimeTokens = (systemDb: Db, purpose: string, userId: string): Promise<TakenToken[]> =>
  queries.listTokens(systemDb, purpose, userId)

export const forgetExpiredTokens = queries.deleteExpiredTokens
