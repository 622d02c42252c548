import { randomBytes } from 'node:crypto'
import { createTestClient, http, publicActions, walletActions, type Address, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { Abis, Actions } from 'viem/tempo'
import { tempoModerato } from 'viem/tempo/chains'
import { startAnvil } from './anvil.ts'

export const pathUsd = '0x20c0000000000000000000000000000000000000'
/** Another dollar of the same chain. */
export const alphaUsd = '0x20c0000000000000000000000000000000000001'

/** One of the accounts the chain begins with. */
const bank = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')

/** More than any transfer takes: the node's own estimate is too low for accounts that are new to a token. */
const GAS = 600_000n

/** What a transaction is made of; by default it transfers pathUSD, and is valid until its nonce is used. */
export interface TransferDetails {
  to: Address
  /** Millionths of a dollar. */
  amount: bigint
  token?: Address
  memo?: Hex
  /** Anything else of the transaction, such as `chainId` or `validBefore`. */
  overrides?: Record<string, unknown>
}

/** A real node with a chain of its own. Its blocks are made when there are transactions. */
export interface TempoChain {
  url: string
  client: ReturnType<typeof createChainClient>
  /** Who is paid; owns some of the token already. */
  recipient: Address
  /** What a server needs to be paid here; `rpcUrl` when it is to ask somebody else than the node itself. */
  variables(rpcUrl?: string): Record<string, string>
  /** A new account with so many millionths of a dollar. */
  createPayer(amount?: bigint): Promise<PrivateKeyAccount>
  balanceOf(address: Address, token?: Address): Promise<bigint>
  /** A signed transaction, which is not sent. */
  sign(payer: PrivateKeyAccount, details: TransferDetails): Promise<Hex>
  /** Sends a transfer and waits until it is in a block. @returns its hash. */
  transfer(payer: PrivateKeyAccount, details: TransferDetails): Promise<Hex>
  close(): Promise<void>
}

const createChainClient = (url: string) =>
  createTestClient({ mode: 'anvil', chain: tempoModerato, transport: http(url), cacheTime: 0, pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions)

/** Starts a node on a free port of the loopback interface. */
export async function startTempoChain(): Promise<TempoChain> {
  const { url, close } = await startAnvil(tempoModerato.id, '--network', 'tempo')
  const client = createChainClient(url)
  // Before its first block the chain has no time of its own.
  await client.mine({ blocks: 1 })
  const recipient = privateKeyToAccount(generatePrivateKey()).address

  const sign: TempoChain['sign'] = async (payer, { to, amount, token = pathUsd, memo, overrides }) => {
    const call = Actions.token.transfer.call(client, { token, to, amount, ...(memo ? { memo } : {}) })
    const nonce = overrides?.nonceKey === undefined ? await client.getTransactionCount({ address: payer.address }) : 0
    const fees = { gas: GAS, maxFeePerGas: 20_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n, feeToken: token }
    const request = { ...fees, account: payer, calls: [call], chainId: tempoModerato.id, nonce, ...overrides }
    // Not by the client, which would put in the id of its own chain.
    return payer.signTransaction(request as never, { serializer: tempoModerato.serializers.transaction })
  }
  const transfer: TempoChain['transfer'] = async (payer, details) => {
    const hash = await client.sendRawTransaction({ serializedTransaction: await sign(payer, details) })
    const { status } = await client.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`the transfer ${hash} failed`)
    return hash
  }
  // Each has a series of nonces of its own, so that several can be sent at once.
  const fromBank = (to: Address, amount: bigint, token: Address = pathUsd) =>
    transfer(bank, { to, amount, token, overrides: { nonceKey: BigInt(`0x${randomBytes(16).toString('hex')}`) } })

  await fromBank(recipient, 1n)
  await fromBank(recipient, 1n, alphaUsd)
  return {
    url,
    client,
    recipient,
    variables: (rpcUrl = url) => ({ TEMPO_RPC_URL: rpcUrl, TEMPO_TESTNET: 'on', MPP_RECIPIENT: recipient }),
    async createPayer(amount = 5_000_000n) {
      const payer = privateKeyToAccount(generatePrivateKey())
      await fromBank(payer.address, amount)
      await fromBank(payer.address, amount, alphaUsd)
      return payer
    },
    balanceOf: (address, token = pathUsd) =>
      client.readContract({ address: token, abi: Abis.tip20, functionName: 'balanceOf', args: [address] }),
    sign,
    transfer,
    close,
  }
}
