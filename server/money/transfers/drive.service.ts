import { randomUUID } from 'node:crypto'
import type { Address } from 'viem'
import { AppError, type Platform } from '#server/platform/core/index.ts'
import { baseChainId, countTransactions, readHead } from '#server/integrations/chains/index.ts'
import { findKey, type ChainKeyRow } from './chain-keys.queries.ts'
import { followTransfer } from './follow.service.ts'
import * as senders from './senders.queries.ts'
import { sendQueued } from './send.service.ts'
import * as transfers from './transfers.queries.ts'

/** Longer than any of its steps takes, so that two servers rarely ask the chain the same; what they sign is safe by itself. */
const LEASE_SECONDS = 120
/** A transaction that is in no block after this long gets another one with a higher fee. Base makes a block every two seconds. */
const STUCK_SECONDS = 60

/**
 * Sees through what a key sends on a chain: looks up what became of what was signed, then signs and sends what waits. Does
 * nothing while another one does it.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain; nothing is lost then, and the next time goes on.
 */
async function driveKey(platform: Platform, sender: senders.Sender): Promise<void> {
  const { system } = platform.databases
  const key = (await findKey(system, sender.keyId))!
  await prepareSender(platform, key, sender)
  const lease = randomUUID()
  const renew = () => senders.takeLease(system, sender, lease, LEASE_SECONDS)
  if (!(await renew())) return
  try {
    const head = await readHead(platform)
    for (const transfer of await transfers.listSigned(system, sender.keyId, sender.chainId, STUCK_SECONDS)) {
      if (!(await renew())) return
      await followTransfer(platform, key, transfer, head)
    }
    for (const transfer of await transfers.listQueued(system, sender.keyId, sender.chainId)) {
      if (!(await renew())) return
      if (!(await sendQueued(platform, key, sender, transfer, { head, lease }))) break
    }
  } finally {
    await senders.dropLease(system, sender, lease)
  }
}

/** A key that was made here has sent nothing before; another one may have, and may do so again, elsewhere. */
async function prepareSender(platform: Platform, key: ChainKeyRow, sender: senders.Sender): Promise<void> {
  const { system } = platform.databases
  if (!key.isImported) {
    if (!(await senders.hasSender(system, sender))) await senders.insertSender(system, sender, 0)
    return
  }
  const count = await countTransactions(platform, key.address as Address)
  await senders.insertSender(system, sender, count)
  await senders.raiseNonce(system, sender, count)
}

/** Does that for all keys that have something to do. One whose chain does not answer is left for the next time. */
export async function driveOpen(platform: Platform): Promise<void> {
  const chainId = baseChainId(platform.env)
  for (const { keyId } of await transfers.listBusyKeys(platform.databases.system, chainId)) {
    if (platform.shutdown.aborted) return
    try {
      await driveKey(platform, { keyId, chainId })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      platform.log.warn({ err: error, key: keyId }, 'could not see to what a key sends; it will be tried again')
    }
  }
}
