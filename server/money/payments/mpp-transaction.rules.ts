import { decodeFunctionData, isAddressEqual, keccak256, type Address, type Hex } from 'viem'
import { Abis, Transaction } from 'viem/tempo'
import type { Terms } from './mpp-challenge.rules.ts'
import { PaymentRefused } from './mpp.errors.ts'

/** How far the amount may be from the price: 0.0001 dollars, in millionths. */
const TOLERANCE_MICRO_USD = 100n

/** A transaction that lapses sooner could not be sent any more once the work is done. */
const LEAST_SECONDS_LEFT = 10

export type TempoTransaction = Transaction.TransactionSerializableTempo

/** A transaction that was decoded, and not checked any further. */
export interface SignedTransaction {
  /** Its one encoding under which the chain knows it. */
  raw: Hex
  hash: Hex
  transaction: TempoTransaction
}

/** What a transaction pays, as far as it can be known without asking the chain. `amount` is in millionths of a dollar. */
export interface SignedTransfer {
  payer: Address
  amount: bigint
  memo: Hex | undefined
}

/** Decodes a signed transaction. @throws PaymentRefused */
export async function readTransaction(serialized: Hex): Promise<SignedTransaction> {
  const transaction = decode(serialized)
  // A signature can be written in more than one way; without this each would count as a transaction of its own.
  const raw = (await Transaction.serialize(transaction)) as Hex
  return { raw, hash: keccak256(raw), transaction }
}

/**
 * Checks that a transaction is what `terms` ask for: one transfer of the token to the recipient and nothing else,
 * which can be sent now.
 *
 * @param now Unix time in milliseconds.
 * @throws PaymentRefused
 */
export function checkTransaction({ transaction }: SignedTransaction, terms: Terms, now: number): SignedTransfer {
  const payer = transaction.from
  if (!payer || !transaction.signature) throw new PaymentRefused('The transaction is not signed.')
  if (transaction.feePayerSignature === null)
    throw new PaymentRefused('The transaction leaves its fee to somebody else; this server pays no fees.')
  if (transaction.chainId !== terms.chainId)
    throw new PaymentRefused(`The transaction is for chain ${transaction.chainId}, not ${terms.chainId}.`)
  const { amount, memo } = readCall(transaction, terms)
  checkAmount(amount, terms)
  checkValidity(transaction, now / 1000)
  return { payer, amount, memo }
}

function decode(serialized: Hex): TempoTransaction {
  if (!serialized.startsWith('0x76')) throw new PaymentRefused('The transaction is not a Tempo transaction: it does not start with 0x76.')
  try {
    return Transaction.deserialize(serialized as Transaction.TransactionSerializedTempo)
  } catch {
    throw new PaymentRefused('The transaction cannot be decoded.')
  }
}

function readCall({ calls = [] }: TempoTransaction, { currency, recipient }: Terms): { amount: bigint; memo: Hex | undefined } {
  const [call] = calls
  if (!call || calls.length > 1) throw new PaymentRefused('The transaction has to make one transfer and nothing else.')
  const { to, value, data } = call
  if (!to || !isAddressEqual(to, currency)) throw new PaymentRefused(`The transaction pays in another token than the currency ${currency}.`)
  const transfer = value ? undefined : decodeTransfer(data)
  if (!transfer) throw new PaymentRefused('The transaction has to make one transfer and nothing else.')
  if (!isAddressEqual(transfer.to, recipient)) throw new PaymentRefused(`The transaction pays another recipient than ${recipient}.`)
  return transfer
}

function decodeTransfer(data: Hex | undefined): { to: Address; amount: bigint; memo: Hex | undefined } | undefined {
  try {
    const { functionName, args } = decodeFunctionData({ abi: Abis.tip20, data: data ?? '0x' })
    if (functionName !== 'transfer' && functionName !== 'transferWithMemo') return undefined
    const [to, amount, memo] = args
    return { to, amount, memo }
  } catch {
    return undefined
  }
}

/** @throws PaymentRefused when an amount, in millionths of a dollar, is not the price. */
export function checkAmount(amount: bigint, { price }: Terms): void {
  const difference = amount - BigInt(price.amountMicroUsd)
  if (difference < -TOLERANCE_MICRO_USD || difference > TOLERANCE_MICRO_USD)
    throw new PaymentRefused(`The amount of the transfer is ${amount} millionths of a dollar, and the price ${price.amountMicroUsd}.`)
}

function checkValidity({ validAfter, validBefore }: TempoTransaction, nowSeconds: number): void {
  if (validAfter !== undefined && validAfter > nowSeconds) throw new PaymentRefused('The transaction is not valid yet.')
  if (validBefore === undefined) return
  if (validBefore <= nowSeconds) throw new PaymentRefused('The transaction is no longer valid.')
  if (validBefore < nowSeconds + LEAST_SECONDS_LEFT)
    throw new PaymentRefused(`The transaction has to stay valid for ${LEAST_SECONDS_LEFT} seconds at least.`)
}
