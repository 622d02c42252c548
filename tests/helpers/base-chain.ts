import { createTestClient, erc20Abi, http, publicActions, walletActions, type Address, type Chain, type Hex } from 'viem'
import { base, baseSepolia } from 'viem/chains'
import { usdcAddress } from '../../server/integrations/chains/index.ts'
import { startEvmChain } from './evm-chains.ts'
import { startRpcProxy, type RpcProxy } from './rpc-proxy.ts'

export const usdc: Address = usdcAddress({ BASE_RPC_URL: 'https://base.example' })
/** The same on the test network. */
const sepoliaUsdc: Address = usdcAddress({ BASE_SEPOLIA_RPC_URL: 'https://base.example' })
const ETHER = 10n ** 18n

/** Base with USDC on it, behind a proxy that can break the connection. A transaction is in a block at once, unless that is switched off. */
export interface BaseChain {
  /** What a server is given as its RPC address. */
  rpc: RpcProxy
  client: ReturnType<typeof connectTo>
  /** Gives an address millionths of USDC, and ether for gas. */
  fund(address: string, usdcUnits: bigint, wei?: bigint): Promise<void>
  usdcOf(address: string): Promise<bigint>
  setPaused(paused: boolean): Promise<void>
  mine(blocks: number): Promise<void>
  /** How many transactions of an address are in the chain. */
  sentBy(address: string): Promise<number>
  /** Forgets everything that happened since, blocks and transactions. @returns what does that. */
  markFork(): Promise<() => Promise<void>>
  close(): Promise<void>
}

const connectTo = (url: string, chain: Chain) =>
  createTestClient({ mode: 'anvil', chain, transport: http(url), cacheTime: 0, pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions)

export async function startBaseChain(network: 'base' | 'base-sepolia' = 'base'): Promise<BaseChain> {
  const [of, token] = network === 'base' ? [base, usdc] : [baseSepolia, sepoliaUsdc]
  const chain = await startEvmChain(of.id)
  const write = await chain.place('FakeUsdc', token)
  const client = connectTo(chain.url, of)
  const rpc = await startRpcProxy(chain.url)
  return {
    rpc,
    client,
    async fund(address, usdcUnits, wei = ETHER) {
      if (usdcUnits > 0n) await write('mint', address, usdcUnits)
      await client.setBalance({ address: address as Address, value: wei })
    },
    usdcOf: (address) => client.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [address as Address] }),
    setPaused: (paused) => write('setPaused', paused),
    mine: (blocks) => client.mine({ blocks }),
    sentBy: (address) => client.getTransactionCount({ address: address as Address }),
    async markFork() {
      const id = await client.snapshot()
      return () => client.revert({ id })
    },
    async close() {
      await rpc.close()
      await chain.close()
    },
  }
}

/** A fresh address that nobody has the key of. */
export const anyAddress = (): Address =>
  `0x${[...crypto.getRandomValues(new Uint8Array(20))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}` satisfies Hex
