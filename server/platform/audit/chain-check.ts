import type { Db } from '#db/client.ts'
import * as queries from './audit.queries.ts'

/** Chains, and events of a chain, that are looked at in one query. */
const MAX_HEADS = 500
const MAX_EVENTS = 5_000

/** A chain that is not as it was written. */
export interface BrokenChain {
  chain: string
  /** Number of the first event that does not fit. */
  number: number
  problem: string
}

/** A head as it was logged, or kept elsewhere. */
export interface KnownHead {
  chain: string
  number: number
  hash: string
}

export interface ChainFindings {
  chains: number
  events: number
  broken: BrokenChain[]
}

/**
 * Walks through all chains: each event has the number after the one before it and the hash that it and that one give, and
 * the last one is the head. What is newer than the head that was read first is left for the next time.
 *
 * @param known Heads of earlier days. A chain alone shows what was changed in it, not that its end was cut off or all of
 * it was written anew; such a head does, as long as its event is not too old to be there.
 */
export async function checkChains(systemDb: Db, known: readonly KnownHead[] = []): Promise<ChainFindings> {
  const findings: ChainFindings = { chains: 0, events: 0, broken: [] }
  const heads = new Map<string, queries.Head>()
  for (let after = ''; ;) {
    const page = await queries.listHeads(systemDb, MAX_HEADS, after)
    for (const head of page) {
      heads.set(head.chain, head)
      const { events, broken } = await checkChain(systemDb, head)
      findings.chains += 1
      findings.events += events
      if (broken) findings.broken.push(broken)
    }
    if (page.length < MAX_HEADS) break
    after = page.at(-1)!.chain
  }
  for (const head of known) {
    const broken = await checkKnown(systemDb, head, heads.get(head.chain))
    if (broken) findings.broken.push(broken)
  }
  return findings
}

async function checkChain(systemDb: Db, head: queries.Head): Promise<{ events: number; broken?: BrokenChain }> {
  const { chain } = head
  let last = { number: head.removedNumber, hash: head.removedHash }
  let events = 0
  while (last.number < head.number) {
    const part = await queries.readChain(systemDb, chain, last, head.number, MAX_EVENTS)
    for (const { number, hash, computed } of part) {
      if (number !== last.number + 1) return { events, broken: { chain, number: last.number + 1, problem: 'is missing' } }
      if (hash !== computed) return { events, broken: { chain, number, problem: 'was changed, or the one before it was' } }
      last = { number, hash }
      events += 1
    }
    if (part.length === 0) return { events, broken: { chain, number: last.number + 1, problem: 'is missing' } }
  }
  if (last.hash !== head.hash) return { events, broken: { chain, number: head.number, problem: 'is not the one the head names' } }
  return { events }
}

async function checkKnown(
  systemDb: Db,
  { chain, number, hash }: KnownHead,
  head: queries.Head | undefined,
): Promise<BrokenChain | undefined> {
  if (!head || head.number < number) return { chain, number, problem: 'is gone, and the chain ends before it' }
  if (number < head.removedNumber) return undefined
  const found = number === head.removedNumber ? head.removedHash : (await queries.findEventHash(systemDb, chain, number))?.hash
  return found === hash ? undefined : { chain, number, problem: 'is another one than the head that was kept' }
}
