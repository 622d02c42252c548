import { keccak256, slice, stringToHex, type Hex } from 'viem'

const hashOf = (text: string): Hex => keccak256(stringToHex(text))
const TAG = slice(hashOf('mpp'), 0, 4)
const VERSION = '01'

/** Whether a transfer pays for a call by this protocol, here or on any other server. */
export const isPaymentMemo = (memo: Hex): boolean => memo.startsWith(TAG + VERSION)

/**
 * Whether the memo of a transfer was made for this challenge, so that the transfer cannot pay for another one.
 * Its 32 bytes: tag (4), version (1), who is paid (10), who pays (10, anything), challenge (7).
 */
export function isMemoFor(memo: Hex | undefined, { realm, challengeId }: { realm: string; challengeId: string }): boolean {
  if (memo === undefined) return false
  const [server, challenge] = [slice(hashOf(realm), 0, 10), slice(hashOf(challengeId), 0, 7)]
  return memo.startsWith(TAG + VERSION + server.slice(2)) && memo.endsWith(challenge.slice(2))
}
