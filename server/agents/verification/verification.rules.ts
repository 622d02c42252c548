import { isAddressEqual, type Address, type Hex } from 'viem'
import type { Attestation } from '#server/integrations/chains/index.ts'

/** Everything that is signed, so that a signature is good for nothing else. */
export interface Statement {
  /** Public address of the server. */
  server: string
  agentId: string
  type: string
  challenge: string
  /** ISO 8601. */
  expiresAt: string
}

/** The text a wallet signs to say that it is its holder's own, for one agent, on one server, once. */
export const messageOf = ({ server, agentId, type, challenge, expiresAt }: Statement): string =>
  [
    'I prove that this wallet is mine, to verify an agent.',
    'This costs nothing and sends no transaction.',
    '',
    `Server: ${server}`,
    `Agent: ${agentId}`,
    `Verification: ${type}`,
    `Challenge: ${challenge}`,
    `Valid until: ${expiresAt}`,
  ].join('\n')

/** What an attestation has to be. */
export interface Demand {
  attesters: readonly Address[]
  schemas: readonly string[]
  recipient: Address
}

/** Why an attestation does not count, as a sentence; undefined when it does. `now` in milliseconds. */
export function findObjection(attestation: Attestation, { attesters, schemas, recipient }: Demand, now: number): string | undefined {
  const { attester, schema, revocationTime, expirationTime } = attestation
  if (!attesters.some((address) => isAddressEqual(address, attester))) return `The attester ${attester} is not accepted here.`
  if (!schemas.some((uid) => uid.toLowerCase() === schema.toLowerCase())) return `The schema ${schema} is not accepted here.`
  if (!isAddressEqual(attestation.recipient, recipient)) return 'The attestation is about another wallet.'
  if (revocationTime !== 0n) return `The attestation was revoked at ${toIso(revocationTime)}.`
  if (expirationTime !== 0n && expirationTime * 1000n <= BigInt(now)) return `The attestation expired at ${toIso(expirationTime)}.`
  return undefined
}

/** The end of the year 9999: a later year has no four digits, and the database does not read it. */
const LATEST_SECONDS = 253_402_300_799n

/** A time of the chain, Unix seconds, as ISO 8601. */
export const toIso = (seconds: bigint): string => new Date(Number(seconds < LATEST_SECONDS ? seconds : LATEST_SECONDS) * 1000).toISOString()

export const isUid = (text: string): text is Hex => /^0x[0-9a-fA-F]{64}$/.test(text)
