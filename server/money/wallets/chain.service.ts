import { getAddress, type Address } from 'viem'
import { formatTokenUnits } from '#server/platform/money/index.ts'
import type { Context, Platform } from '#server/platform/core/index.ts'
import {
  baseChainId,
  baseNetwork,
  explorerUrl,
  readBalances,
  readBlockTime,
  readHead,
  readTransferLogs,
  scanNativeTransfers,
  usdcAddress,
} from '#server/integrations/chains/index.ts'
import {
  MAX_TRANSACTIONS,
  type AddressBalances,
  type ListWalletTransactions,
  type WalletAsset,
  type WalletTransaction,
  type WalletTransactions,
} from './wallets.contract.ts'

export const USDC_DECIMALS = 6
const ETHER_DECIMALS = 18
/** As documented. */
const USDC_BLOCKS = 50_000n
const ETHER_BLOCKS = 180n

const chainNames = { base: 'Base', 'base-sepolia': 'Base Sepolia' } as const

/** What an address has, as the chain says now. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export async function readAddress(platform: Platform, address: string): Promise<AddressBalances> {
  const { env } = platform
  const network = baseNetwork(env)
  const token = usdcAddress(env)
  const held = await readBalances(platform, address as Address, token)
  const url = explorerUrl(network, 'address', address)
  const ether: WalletAsset = {
    address: 'native',
    name: 'Ethereum',
    symbol: 'ETH',
    decimals: ETHER_DECIMALS,
    balance: formatTokenUnits(held.native, ETHER_DECIMALS),
    balanceRaw: String(held.native),
    explorerUrl: url,
  }
  const usdc: WalletAsset = {
    address: getAddress(token),
    name: 'USD Coin',
    symbol: 'USDC',
    decimals: USDC_DECIMALS,
    balance: formatTokenUnits(held.token, USDC_DECIMALS, USDC_DECIMALS),
    balanceRaw: String(held.token),
    explorerUrl: url,
  }
  const assets = [ether, usdc]
  return {
    address,
    chain: chainNames[network],
    chainId: baseChainId(env),
    testnet: network === 'base-sepolia',
    explorerUrl: url,
    nativeBalance: ether,
    primaryToken: usdc,
    allTokens: assets.filter(({ balanceRaw }) => balanceRaw !== '0'),
    assets,
  }
}

/** What moved from and to an address lately, newest first. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export async function listTransactions({ platform }: Context, input: ListWalletTransactions): Promise<WalletTransactions> {
  const { env } = platform
  const address = input.address as Address
  const limit = Math.min(input.limit, MAX_TRANSACTIONS)
  const head = await readHead(platform)
  const since = (blocks: bigint) => (head >= blocks ? head - blocks + 1n : 0n)
  const logs = { token: usdcAddress(env), address, fromBlock: since(USDC_BLOCKS), toBlock: head }
  const [sent, received, native] = await Promise.all([
    readTransferLogs(platform, { ...logs, direction: 'from' }),
    readTransferLogs(platform, { ...logs, direction: 'to' }),
    scanNativeTransfers(platform, { address, fromBlock: since(ETHER_BLOCKS), toBlock: head, limit }),
  ])
  // What an address sends to itself is in both.
  const tokens = new Map([...sent, ...received].map((log) => [`${log.txHash} ${log.logIndex}`, log]))
  const moved = [
    ...[...tokens.values()].map((log) => ({ ...log, hash: log.txHash, asset: 'USDC' as const, order: log.logIndex })),
    ...native.map((transfer) => ({ ...transfer, asset: 'ETH' as const, order: 0 })),
  ]
  const newest = moved
    .sort((a, b) => (a.blockNumber === b.blockNumber ? b.order - a.order : a.blockNumber < b.blockNumber ? 1 : -1))
    .slice(0, limit)
  const times = new Map(
    await Promise.all(
      [...new Set(newest.map(({ blockNumber }) => blockNumber))].map(
        async (number) => [number, await readBlockTime(platform, number)] as const,
      ),
    ),
  )
  return {
    address,
    chain: chainNames[baseNetwork(env)],
    chainId: baseChainId(env),
    currentBlock: String(head),
    transactions: newest.map((one) => toTransaction(platform, address, one, times.get(one.blockNumber)!)),
    sources: { usdc: `transfer logs, last ${USDC_BLOCKS} blocks`, eth: `blocks, last ${ETHER_BLOCKS}` },
  }
}

interface Moved {
  hash: string
  asset: 'USDC' | 'ETH'
  from: string
  to: string
  amount: bigint
  blockNumber: bigint
}

function toTransaction({ env }: Platform, address: string, moved: Moved, timestamp: string): WalletTransaction {
  const { hash, asset, from, to, amount, blockNumber } = moved
  return {
    hash,
    asset,
    direction: from.toLowerCase() === address.toLowerCase() ? 'sent' : 'received',
    amount: asset === 'USDC' ? formatTokenUnits(amount, USDC_DECIMALS, USDC_DECIMALS) : formatTokenUnits(amount, ETHER_DECIMALS),
    amountRaw: String(amount),
    from: getAddress(from),
    to: getAddress(to),
    blockNumber: String(blockNumber),
    timestamp,
    status: 'confirmed',
    explorerUrl: explorerUrl(baseNetwork(env), 'tx', hash),
    source: asset === 'USDC' ? 'token-log' : 'recent-native-scan',
  }
}
