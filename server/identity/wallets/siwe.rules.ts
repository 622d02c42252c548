import type { ParsedMessage } from '@spruceid/siwe-parser'
import { walletChainIds } from '#server/integrations/chains/index.ts'

/** Longest a signed message may be good for. */
export const MESSAGE_SECONDS = 10 * 60

/** How far the clock of whoever wrote a message may be ahead of this server's. */
const MAX_SKEW_SECONDS = 2 * 60

/** What a message says that is for this server. */
export interface SignInMessage {
  /** With its checksum. */
  address: `0x${string}`
  chainId: number
  nonce: string
}

/** The message is for something else, or no longer good. `reason` is the end of a sentence. */
export class MessageRefused extends Error {}

/**
 * Checks what a parsed message (EIP-4361) says: that it was written for this server's own address, on a chain it knows, and that it
 * is good now and was never good for longer than ten minutes. The parser checks none of that, and takes `user@host` for a domain.
 *
 * @param message parsed strictly, so that its address has its checksum.
 * @param appUrl public address of this server.
 * @param now Unix time in milliseconds.
 * @throws MessageRefused
 */
export function checkSignInMessage(message: ParsedMessage, appUrl: string, now: number): SignInMessage {
  const { host, origin, protocol } = new URL(appUrl)
  if (message.domain !== host) throw new MessageRefused(`it is for ${message.domain}, not for ${host}.`)
  if (message.scheme !== undefined && `${message.scheme}:` !== protocol)
    throw new MessageRefused(`it is for ${message.scheme}://, not for ${protocol}//.`)
  if (originOf(message.uri) !== origin) throw new MessageRefused(`its URI has to be of ${origin}.`)
  if (!walletChainIds.includes(message.chainId))
    throw new MessageRefused(`it is for chain ${message.chainId}; expected one of ${walletChainIds.join(', ')}.`)
  checkTimes(message, now)
  return { address: message.address as `0x${string}`, chainId: message.chainId, nonce: message.nonce }
}

function checkTimes({ issuedAt, expirationTime, notBefore }: ParsedMessage, now: number): void {
  if (!expirationTime) throw new MessageRefused('it never expires; expected an expiration time at most 10 minutes after it was issued.')
  const [issued, expires] = [timeOf(issuedAt), timeOf(expirationTime)]
  if (expires <= now) throw new MessageRefused('it has expired.')
  if (issued > now + MAX_SKEW_SECONDS * 1000) throw new MessageRefused('it was issued in the future.')
  if (expires - issued > MESSAGE_SECONDS * 1000) throw new MessageRefused('it is good for longer than 10 minutes.')
  if (notBefore && timeOf(notBefore) > now) throw new MessageRefused('it is not good yet.')
}

/** The grammar lets some texts through that are no times. */
function timeOf(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new MessageRefused(`${text} is no time.`)
  return time
}

const originOf = (uri: string): string | undefined => (URL.canParse(uri) ? new URL(uri).origin : undefined)
