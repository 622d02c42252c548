import { BaseError, type Hex } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { ChainUnavailable } from './chains.errors.ts'
import { callRpc, isRefusal } from './connection.ts'
import { reasonOf } from './preflight.ts'
import { tempoClient, type TempoClient } from './tempo.ts'
import { findReceipt, type TempoReceipt } from './transfers.ts'

/** How long a transaction is waited for: Tempo makes a block about every half second. */
const WAIT_MS = 20_000

/**
 * What became of a transaction that was sent. `unknown` means that it may be in a block, get into one later, or
 * never: only its receipt will tell.
 */
export type Broadcast = { outcome: 'mined'; receipt: TempoReceipt } | { outcome: 'refused'; reason: string } | { outcome: 'unknown' }

/**
 * Sends a signed transaction and waits until it is in a block. Sending it again is harmless. Only a receipt
 * counts: that the chain took a transaction, or knows it already, says nothing about what becomes of it.
 *
 * @throws ChainNotConfigured
 */
export async function broadcast(platform: Platform, raw: Hex, hash: Hex): Promise<Broadcast> {
  try {
    const client = await tempoClient(platform)
    const refusal = await send(client, raw)
    const receipt = refusal === undefined ? await waitForReceipt(client, hash) : await findReceipt(platform, hash)
    if (receipt) return { outcome: 'mined', receipt }
    return refusal === undefined ? { outcome: 'unknown' } : { outcome: 'refused', reason: refusal }
  } catch (error) {
    if (error instanceof ChainUnavailable) return { outcome: 'unknown' }
    throw error
  }
}

/** @returns why the chain does not take it; undefined when it does, or has it already. */
async function send(client: TempoClient, raw: Hex): Promise<string | undefined> {
  try {
    // Sent once: after a repetition nobody could tell which of the two the answer is about.
    await callRpc(() => client.request({ method: 'eth_sendRawTransaction', params: [raw] }, { retryCount: 0 }), isRefusal)
    return undefined
  } catch (error) {
    if (!isRefusal(error)) throw error
    return /already (known|imported)/i.test(error.details) ? undefined : reasonOf(error)
  }
}

async function waitForReceipt(client: TempoClient, hash: Hex): Promise<TempoReceipt | undefined> {
  try {
    return await client.waitForTransactionReceipt({ hash, timeout: WAIT_MS, checkReplacement: false })
  } catch (error) {
    if (error instanceof BaseError) return undefined
    throw error
  }
}
