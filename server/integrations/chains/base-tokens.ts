import type { Address } from 'viem'
import type { Env } from '#server/platform/core/index.ts'
import { base, baseChainId } from './base.ts'

/** USDC by its issuer's list of contracts (https://developers.circle.com/stablecoins/usdc-contract-addresses). */
const usdcOnBase: Address = '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913'
const usdcOnBaseSepolia: Address = '0x036cbd53842c5426634e7929541ec2318f3dcf7e'

/** The contract of USDC on the Base chain that this server uses; it has six decimals. In lower case. */
export const usdcAddress = (env: Pick<Env, 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL'>): Address =>
  baseChainId(env) === base.chain.id ? usdcOnBase : usdcOnBaseSepolia
