import type { Address } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { findAttestation, findAttestationUid, baseChainId, findPrimaryName } from '#server/integrations/chains/index.ts'
import { coinbaseOn } from './coinbase.ts'
import { EvidenceRefused, VerifierNotConfigured } from './verification.errors.ts'
import { findObjection, isUid, toIso, type Demand } from './verification.rules.ts'

/** What a chain says of a wallet, after every check. */
export interface Evidence {
  attestationUid: string
  /** ISO 8601; null when it does not expire. */
  expiresAt: string | null
  /** To be shown. */
  facts: Record<string, unknown>
}

/** What is looked at: the wallet, and the uid of an attestation where the caller names one. */
export interface Claim {
  wallet: Address
  attestationUid?: string
}

export type ChainVerification = 'eas' | 'coinbase' | 'ens'

/**
 * Reads from the chain what the claim is about, and checks all of it. Who holds the wallet is another question.
 *
 * @throws EvidenceRefused, VerifierNotConfigured, ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export const readEvidence: Record<ChainVerification, (platform: Platform, claim: Claim) => Promise<Evidence>> = {
  async eas(platform, { wallet, attestationUid }) {
    const { EAS_ATTESTERS: attesters, EAS_SCHEMAS: schemas } = platform.env
    if (attesters.length === 0) throw new VerifierNotConfigured('EAS_ATTESTERS')
    if (schemas.length === 0) throw new VerifierNotConfigured('EAS_SCHEMAS')
    return readAttestation(platform, attestationUid, { attesters, schemas, recipient: wallet })
  },

  async coinbase(platform, { wallet, attestationUid }) {
    const { indexer, attester, schemas } = coinbaseOn(baseChainId(platform.env))
    const uid = attestationUid ?? (await findFirst(schemas, (schema) => findAttestationUid(platform, indexer, wallet, schema)))
    if (!uid) throw new EvidenceRefused('Coinbase has attested nothing about this wallet.')
    return readAttestation(platform, uid, { attesters: [attester], schemas, recipient: wallet })
  },

  async ens(platform, { wallet, attestationUid }) {
    const name = await findPrimaryName(platform, wallet)
    if (!name) throw new EvidenceRefused('The wallet has no primary ENS name that leads back to it.')
    const uid = `ens:${name}`
    if (attestationUid !== undefined && attestationUid !== uid && attestationUid !== name)
      throw new EvidenceRefused(`attestationUid: the primary name of the wallet is ${name}.`)
    return { attestationUid: uid, expiresAt: null, facts: { name, chainId: 1 } }
  },
}

async function readAttestation(platform: Platform, uid: string | undefined, demand: Demand): Promise<Evidence> {
  if (uid === undefined || !isUid(uid)) throw new EvidenceRefused('attestationUid: expected 0x and 64 hex digits.')
  const attestation = await findAttestation(platform, uid)
  if (!attestation) throw new EvidenceRefused('attestationUid: there is no such attestation on the chain.')
  const objection = findObjection(attestation, demand, Date.now())
  if (objection) throw new EvidenceRefused(objection)
  const { attester, schema, expirationTime } = attestation
  return {
    attestationUid: attestation.uid,
    expiresAt: expirationTime === 0n ? null : toIso(expirationTime),
    facts: { attester, schema, chainId: baseChainId(platform.env) },
  }
}

async function findFirst<T, R>(items: readonly T[], find: (item: T) => Promise<R | undefined>): Promise<R | undefined> {
  for (const item of items) {
    const found = await find(item)
    if (found !== undefined) return found
  }
  return undefined
}
