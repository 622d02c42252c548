import { zeroHash, type Address, type Hex } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { baseClient } from './base.ts'
import { readChain } from './evm.ts'

/** Where the Ethereum Attestation Service is on Base and Base Sepolia. */
const EAS = '0x4200000000000000000000000000000000000021'

/** What the chain says of an attestation. */
export interface Attestation {
  uid: Hex
  schema: Hex
  recipient: Address
  attester: Address
  /** Unix time in seconds; 0 for an attestation that does not expire. */
  expirationTime: bigint
  /** Unix time in seconds; 0 for an attestation that was not revoked. */
  revocationTime: bigint
}

const easAbi = [
  {
    type: 'function',
    name: 'getAttestation',
    stateMutability: 'view',
    inputs: [{ name: 'uid', type: 'bytes32' }],
    outputs: [
      {
        name: '',
        type: 'tuple',
        components: [
          { name: 'uid', type: 'bytes32' },
          { name: 'schema', type: 'bytes32' },
          { name: 'time', type: 'uint64' },
          { name: 'expirationTime', type: 'uint64' },
          { name: 'revocationTime', type: 'uint64' },
          { name: 'refUID', type: 'bytes32' },
          { name: 'recipient', type: 'address' },
          { name: 'attester', type: 'address' },
          { name: 'revocable', type: 'bool' },
          { name: 'data', type: 'bytes' },
        ],
      },
    ],
  },
] as const

const indexerAbi = [
  {
    type: 'function',
    name: 'getAttestationUid',
    stateMutability: 'view',
    inputs: [
      { name: 'recipient', type: 'address' },
      { name: 'schemaUid', type: 'bytes32' },
    ],
    outputs: [{ name: '', type: 'bytes32' }],
  },
] as const

/**
 * Reads an attestation on Base; undefined when there is none with that uid.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function findAttestation(platform: Platform, uid: Hex): Promise<Attestation | undefined> {
  const client = await baseClient(platform)
  const attestation = await readChain(client, () =>
    client.readContract({ address: EAS, abi: easAbi, functionName: 'getAttestation', args: [uid] }),
  )
  return attestation.uid === zeroHash ? undefined : attestation
}

/**
 * The uid an index of attestations has for a recipient and a schema; undefined when it has none.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function findAttestationUid(platform: Platform, indexer: Address, recipient: Address, schema: Hex): Promise<Hex | undefined> {
  const client = await baseClient(platform)
  const uid = await readChain(client, () =>
    client.readContract({ address: indexer, abi: indexerAbi, functionName: 'getAttestationUid', args: [recipient, schema] }),
  )
  return uid === zeroHash ? undefined : uid
}
