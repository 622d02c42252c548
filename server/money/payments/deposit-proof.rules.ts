import { concat, isHex, keccak256, slice, stringToHex, type Address, type Hex } from 'viem'
import { verifyTypedData } from 'viem/utils'

/** Whose prepaid balance a transfer on the chain is to go to. */
export interface DepositClaim {
  /** Host of this server, as in APP_URL. */
  server: string
  /** Id of the account. */
  account: string
  /** Hash of the transaction. */
  transaction: Hex
}

/** The typed data of EIP-712 by whose signature the sender of a transfer gives it to an account, on the chain with this id. */
export const depositTypedData = ({ server, account, transaction }: DepositClaim, chainId: number) => ({
  domain: { name: 'Agentbot', version: '1', chainId },
  types: {
    Deposit: [
      { name: 'server', type: 'string' },
      { name: 'account', type: 'string' },
      { name: 'transaction', type: 'bytes32' },
    ],
  } as const,
  primaryType: 'Deposit' as const,
  message: { server, account, transaction: transaction.toLowerCase() as Hex },
})

/**
 * Whether the sender's own key signed the claim. A wallet that is a contract or a passkey has no such key; its
 * transfers carry a memo.
 */
export async function isSignedBySender(address: Address, claim: DepositClaim, chainId: number, signature: string): Promise<boolean> {
  if (!isHex(signature)) return false
  try {
    return await verifyTypedData({ ...depositTypedData(claim, chainId), address, signature })
  } catch {
    // No signature a key could have made.
    return false
  }
}

const hashOf = (text: string): Hex => keccak256(stringToHex(text))
const PREFIX = concat([slice(hashOf('agentbot deposit'), 0, 4), '0x01'])

/** The memo that gives a transfer to an account. Its 32 bytes: tag (4), version (1), server (10), account (17). */
export const depositMemo = ({ server, account }: Omit<DepositClaim, 'transaction'>): Hex =>
  concat([PREFIX, slice(hashOf(server), 0, 10), slice(hashOf(account), 0, 17)])

/** Whether a memo gives its transfer to an account, whoever that is. */
export const isDepositMemo = (memo: Hex): boolean => memo.startsWith(PREFIX)
