import { getAddress } from 'viem'
import { readTokenBalance } from '#server/integrations/chains/index.ts'
import type { Context, Platform } from '#server/platform/core/index.ts'
import type { CheckTokenAccess, FarcasterTokenAccess, TokenAccess, VerifyTokenAccess } from './token-gate.contract.ts'
import { TokenGateNotConfigured } from './token-gate.errors.ts'

/** Names of chains that callers know; any other is named by its number, as CAIP-2 does. */
const chainNames: Record<number, string> = { 1: 'ethereum', 10: 'optimism', 8453: 'base', 84532: 'base-sepolia' }

/**
 * Whether a wallet has enough of the token of this server. It is read from the token's contract each time.
 *
 * @param address 0x and 40 hex digits, in any case.
 * @throws TokenGateNotConfigured, ChainUnreadable
 */
export async function readTokenAccess(platform: Platform, address: string): Promise<TokenAccess> {
  const { TOKEN_GATING_ADDRESS: token, TOKEN_GATING_MIN_BALANCE: minBalance, TOKEN_GATING_RPC, BASE_RPC_URL } = platform.env
  const rpc = TOKEN_GATING_RPC ?? BASE_RPC_URL
  if (!token || !rpc) throw new TokenGateNotConfigured()
  // An address is lower case first: in mixed case viem takes it only with the right checksum.
  const wallet = getAddress(address.toLowerCase())
  const { amount, symbol, chainId } = await readTokenBalance(platform, rpc, getAddress(token.toLowerCase()), wallet)
  return {
    address,
    hasAccess: amount >= BigInt(minBalance),
    tokenGated: true,
    minBalance: BigInt(minBalance).toString(),
    token: symbol,
    chain: chainNames[chainId] ?? `eip155:${chainId}`,
    contractAddress: token,
  }
}

/** @throws TokenGateNotConfigured, ChainUnreadable */
export const checkTokenAccess = ({ platform }: Context, { address }: CheckTokenAccess): Promise<TokenAccess> =>
  readTokenAccess(platform, address)

/** The Farcaster user is repeated as it was sent: who it is plays no part. @throws TokenGateNotConfigured, ChainUnreadable */
export async function verifyTokenAccess({ platform }: Context, { fid, address }: VerifyTokenAccess): Promise<FarcasterTokenAccess> {
  const access = await readTokenAccess(platform, address)
  return { ...access, fid, message: access.hasAccess ? 'Enough tokens.' : 'Not enough tokens.', timestamp: new Date().toISOString() }
}
