import type { Address, BaseError } from 'viem'
import { Abis, Actions, ExecutionError, type Transaction } from 'viem/tempo'
import { cutText, type Platform } from '#server/platform/core/index.ts'
import { callRpc, isRefusal } from './connection.ts'
import { tempoClient, type TempoClient } from './tempo.ts'

/** Fees are counted in 10^-18 dollars, tokens in 10^-6. */
const FEE_UNITS_PER_TOKEN_UNIT = 10n ** 12n

/** The key of nonces that are used up by the transaction itself: it is valid for a short time, and once. */
const EXPIRING_NONCE_KEY = 2n ** 256n - 1n

type TempoTransaction = Transaction.TransactionSerializableTempo

/**
 * Why a signed transaction that makes one transfer would not go through now, as a sentence; undefined when nothing
 * stands in its way. It is not sent. Each thing is looked at by itself, because not every node simulates all of them.
 *
 * @throws ChainNotConfigured, ChainUnavailable
 */
export async function simulateTransfer(
  platform: Platform,
  transaction: TempoTransaction,
  { payer, token, amount }: { payer: Address; token: Address; amount: bigint },
): Promise<string | undefined> {
  const client = await tempoClient(platform)
  const obstacles = await Promise.all([
    findNonceObstacle(client, transaction, payer),
    findBalanceObstacle(client, transaction, { payer, token, amount }),
    findFeeObstacle(client, transaction),
    simulate(client, transaction, payer),
  ])
  return obstacles.find((obstacle) => obstacle !== undefined)
}

async function findNonceObstacle(
  client: TempoClient,
  { nonce, nonceKey = 0n, validBefore }: TempoTransaction,
  payer: Address,
): Promise<string | undefined> {
  const used = BigInt(nonce ?? 0)
  if (nonceKey === EXPIRING_NONCE_KEY)
    return used === 0n && validBefore !== undefined
      ? undefined
      : 'A transaction with an expiring nonce has nonce 0 and says until when it is valid.'
  const next = await callRpc(() =>
    nonceKey === 0n
      ? client.getTransactionCount({ address: payer }).then(BigInt)
      : Actions.nonce.getNonce(client, { account: payer, nonceKey: BigInt(nonceKey) }),
  )
  return used === next ? undefined : `The transaction has nonce ${used}, and the next one of its sender is ${next}.`
}

async function findBalanceObstacle(
  client: TempoClient,
  transaction: TempoTransaction,
  { payer, token, amount }: { payer: Address; token: Address; amount: bigint },
): Promise<string | undefined> {
  const feeToken = await feeTokenOf(client, transaction, payer, token)
  const fee = ((transaction.gas ?? 0n) * (transaction.maxFeePerGas ?? 0n) + FEE_UNITS_PER_TOKEN_UNIT - 1n) / FEE_UNITS_PER_TOKEN_UNIT
  const needed = feeToken && isSame(feeToken, token) ? amount + fee : amount
  if ((await balanceOf(client, token, payer)) < needed) return `The balance of ${payer} does not cover the transfer and its fee.`
  if (feeToken && !isSame(feeToken, token) && (await balanceOf(client, feeToken, payer)) < fee)
    return `The balance of ${payer} does not cover the fee.`
  return undefined
}

/** Of what is no token, nobody has anything. */
async function balanceOf(client: TempoClient, token: Address, account: Address): Promise<bigint> {
  try {
    const request = { address: token, abi: Abis.tip20, functionName: 'balanceOf', args: [account] } as const
    return await callRpc(() => client.readContract(request), isRefusal)
  } catch (error) {
    if (isRefusal(error)) return 0n
    throw error
  }
}

/** The token the fee is paid in; undefined when somebody else has signed to pay it. */
async function feeTokenOf(
  client: TempoClient,
  { feeToken, feePayerSignature }: TempoTransaction,
  payer: Address,
  token: Address,
): Promise<Address | undefined> {
  if (feePayerSignature) return undefined
  if (typeof feeToken === 'string') return feeToken
  const preferred = await callRpc(() => Actions.fee.getUserToken(client, { account: payer }))
  return preferred?.address ?? token
}

async function findFeeObstacle(client: TempoClient, { gas, maxFeePerGas = 0n }: TempoTransaction): Promise<string | undefined> {
  if (!gas) return 'The transaction allows for no gas.'
  const { baseFeePerGas } = await callRpc(() => client.getBlock())
  return maxFeePerGas < (baseFeePerGas ?? 0n)
    ? `The transaction offers ${maxFeePerGas} per gas at most, and a block asks for ${baseFeePerGas}.`
    : undefined
}

/** Once as a whole, and once the call by itself. */
async function simulate(client: TempoClient, transaction: TempoTransaction, payer: Address): Promise<string | undefined> {
  const [call] = transaction.calls ?? []
  const requests = [
    { ...transaction, account: payer, feePayerSignature: undefined },
    { account: payer, to: call?.to, data: call?.data },
  ]
  try {
    await Promise.all(requests.map((request) => callRpc(() => client.call(request as Parameters<TempoClient['call']>[0]), isRefusal)))
    return undefined
  } catch (error) {
    if (isRefusal(error)) return `The transaction would fail on the chain: ${reasonOf(error)}`
    throw error
  }
}

/** What the chain says about a call or a transaction it refused, as the end of a sentence. */
export function reasonOf(error: BaseError): string {
  const { errorName } = ExecutionError.from(error)
  const reason = errorName === 'unknown' ? error.details || error.shortMessage : errorName
  return `${cutText(reason, 200).replace(/\.$/, '')}.`
}

const isSame = (a: Address, b: Address): boolean => a.toLowerCase() === b.toLowerCase()
