import { microUsdOfUnits } from '#server/platform/money/index.ts'
import { isAddressEqual, parseEventLogs, TransactionReceiptNotFoundError, type Address, type Hex, type Log } from 'viem'
import { Abis } from 'viem/tempo'
import type { Platform } from '#server/platform/core/index.ts'
import { ChainNotConfigured } from './chains.errors.ts'
import { callRpc } from './connection.ts'
import { tempoChainId, tempoClient, type TempoClient } from './tempo.ts'

/** Token that moved in a transaction. `amount` is in its smallest unit, a millionth of a dollar for pathUSD. */
export interface Transfer {
  from: Address
  to: Address
  amount: bigint
  memo?: Hex
}

export type TempoReceipt = Awaited<ReturnType<TempoClient['getTransactionReceipt']>>

/** What somebody paid this server in one transaction. */
export interface IncomingTransfer {
  chainId: number
  from: Address
  /** Millionths of a US dollar. */
  amountMicroUsd: number
  /** What was written beside the transfers, without those that say nothing. */
  memos: Hex[]
  /** Time of its block, which has whole seconds: Unix time in milliseconds. */
  minedAt: number
}

/**
 * What a confirmed transaction paid to MPP_RECIPIENT in the token MPP_CURRENCY; blocks of Tempo are final, so a
 * receipt is a confirmation. Undefined when there is no such transaction, when it failed, when it pays nothing
 * here, or when the money comes from more than one sender.
 *
 * @throws ChainNotConfigured, ChainUnavailable
 */
export async function findTransferTo(platform: Platform, txHash: string): Promise<IncomingTransfer | undefined> {
  const { MPP_RECIPIENT: recipient, MPP_CURRENCY: token } = platform.env
  if (!recipient) throw new ChainNotConfigured('MPP_RECIPIENT')
  const receipt = await findReceipt(platform, txHash)
  if (receipt?.status !== 'success') return undefined
  const received = transfersIn(receipt.logs, token).filter(({ to }) => isAddressEqual(to, recipient))
  const from = received[0]?.from
  if (!from || received.some((transfer) => !isAddressEqual(transfer.from, from))) return undefined
  const amount = received.reduce((sum, transfer) => sum + transfer.amount, 0n)
  const memos = received.flatMap(({ memo }) => memo ?? [])
  const minedAt = await findBlockTime(platform, receipt.blockHash)
  return { chainId: tempoChainId(platform.env), from, amountMicroUsd: microUsdOfUnits(amount), memos, minedAt }
}

async function findBlockTime(platform: Platform, blockHash: Hex): Promise<number> {
  const client = await tempoClient(platform)
  const { timestamp } = await callRpc(() => client.getBlock({ blockHash }))
  return Number(timestamp) * 1000
}

/**
 * The receipt of a transaction; undefined for one that is not in a block.
 *
 * @throws ChainNotConfigured, ChainUnavailable
 */
export async function findReceipt(platform: Platform, txHash: string): Promise<TempoReceipt | undefined> {
  if (!isTransactionHash(txHash)) return undefined
  const client = await tempoClient(platform)
  try {
    return await callRpc(() => client.getTransactionReceipt({ hash: txHash }), isNotFound)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const isNotFound = (error: unknown): boolean => error instanceof TransactionReceiptNotFoundError

export const isTransactionHash = (text: string): text is Hex => /^0x[0-9a-f]{64}$/i.test(text)

/** Transfers of one token among the logs of a transaction. A transfer with a memo is logged twice and counted once. */
export function transfersIn(logs: Log[], token: Address): Transfer[] {
  const moved = parseEventLogs({ abi: Abis.tip20, eventName: ['Transfer', 'TransferWithMemo'], logs })
    .filter(({ address }) => isAddressEqual(address, token))
    .sort((a, b) => a.logIndex - b.logIndex)
  const transfers: Transfer[] = []
  for (const [index, { eventName, args }] of moved.entries()) {
    const previous = moved[index - 1]
    const last = transfers.at(-1)
    const { from, to, amount } = args
    const memo = eventName === 'TransferWithMemo' ? { memo: args.memo } : {}
    const repeatsLast =
      previous?.eventName === 'Transfer' &&
      eventName === 'TransferWithMemo' &&
      last?.from === from &&
      last.to === to &&
      last.amount === amount
    if (repeatsLast) Object.assign(last, memo)
    else transfers.push({ from, to, amount, ...memo })
  }
  return transfers
}
