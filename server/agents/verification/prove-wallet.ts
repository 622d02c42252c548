import { getAddress, type Address } from 'viem'
import { baseClient, ethereumClient, isSignedBy } from '#server/integrations/chains/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import { findOpenChallenge } from './challenges.service.ts'
import { readEvidence, type ChainVerification, type Evidence } from './evidence.ts'
import { requireEvidence, requireWallet } from './required-evidence.rules.ts'
import type { VerifyAgent } from './verification.contract.ts'
import { EvidenceRefused } from './verification.errors.ts'

/** What the contract asks for, before anything else is looked at. */
const documentedFields = { eas: ['attestationUid'], coinbase: ['signature'], ens: ['walletAddress', 'signature'] } as const

const clientFor = { eas: baseClient, coinbase: baseClient, ens: ethereumClient }

/** A wallet whose holder makes the call, and what its chain says of it. */
export interface ProvenWallet {
  /** Signed by the wallet; still to be used up. */
  challenge: string
  wallet: Address
  evidence: Evidence
}

/**
 * Checks that the caller holds the wallet it names, and what the chain says of that wallet.
 *
 * @throws InvalidInput, EvidenceRefused, NoOpenChallenge, VerifierNotConfigured, ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function proveWallet(ctx: AccountContext, type: ChainVerification, input: VerifyAgent): Promise<ProvenWallet> {
  requireEvidence(input, documentedFields[type])
  const client = await clientFor[type](ctx.platform)
  const { signature } = requireEvidence(input, ['signature'])
  const wallet = getAddress(requireWallet(input))
  const { challenge, message } = await findOpenChallenge(ctx, input)
  if (!(await isSignedBy(client, wallet, message, signature)))
    throw new EvidenceRefused(`signature: ${wallet} did not sign the open challenge of this agent.`)
  const { attestationUid } = input
  const evidence = await readEvidence[type](ctx.platform, { wallet, ...(attestationUid === undefined ? {} : { attestationUid }) })
  return { challenge, wallet, evidence }
}
