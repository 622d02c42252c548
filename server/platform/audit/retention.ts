import { setImmediate as nextTurn } from 'node:timers/promises'
import { inTransaction, type Platform } from '../core/index.ts'
import * as queries from './audit.queries.ts'
import type { KnownHead } from './chain-check.ts'

/** Most events a chain keeps; the oldest go first. */
const MAX_EVENTS = 1_000_000
/** Chains that are looked for, and events that are removed, in one go: so few that nobody waits long. */
const MAX_CHAINS = 100
const MAX_REMOVED = 500

/** Removes events that are older than the operator says, and those beyond what a chain keeps. */
export async function forgetOldAuditEvents({ databases: { system }, env, shutdown }: Platform): Promise<void> {
  for (let after = ''; ;) {
    const chains = await queries.listChainsToCut(system, env.AUDIT_DAYS, MAX_EVENTS, MAX_CHAINS, after)
    for (const chain of chains) {
      const removeSome = () => inTransaction(system, (db) => queries.removeBeginning(db, chain, env.AUDIT_DAYS, MAX_EVENTS, MAX_REMOVED))
      while (!shutdown.aborted && (await removeSome()) === MAX_REMOVED) await nextTurn()
    }
    if (chains.length < MAX_CHAINS || shutdown.aborted) return
    after = chains.at(-1)!
  }
}

const TOLD = 'head of an audit log'
/** Without it, what looks drawn by lot is cut out of the log. */
const PREFIX = 'sha256:'

/** The heads in the lines of a log, as `tellAuditHeads` writes them; other lines are passed over. */
export const readToldHeads = (log: string): KnownHead[] =>
  log.split('\n').flatMap((line) => {
    if (!line.includes(TOLD)) return []
    const { chain, number, hash } = JSON.parse(line) as KnownHead
    return [{ chain, number, hash: hash.slice(PREFIX.length) }]
  })

const DAY_MS = 24 * 60 * 60 * 1000
const MAX_HEADS = 500

/**
 * Logs the heads of the chains that have grown since they were last told, a line each. Kept where this server cannot
 * write, they show whether the end of a chain was cut off.
 */
export async function tellAuditHeads({ databases: { system }, log, shutdown }: Platform): Promise<void> {
  const since = new Date(Date.now() - DAY_MS).toISOString()
  for (let after = ''; !shutdown.aborted;) {
    const heads = await queries.listHeadsSince(system, since, MAX_HEADS, after)
    for (const { chain, number, hash } of heads) log.info({ chain, number, hash: PREFIX + hash }, TOLD)
    if (heads.length < MAX_HEADS) return
    after = heads.at(-1)!.chain
  }
}
