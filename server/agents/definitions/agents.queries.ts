import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import { exactTime, isOlderThan } from '#db/keyset.ts'
import { prepare } from '#db/prepared.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { AgentConfig, AgentStatus } from './agents.contract.ts'
import { wantedStatuses } from './agent-status.contract.ts'
import { runtimeFacts } from './runtime-facts.queries.ts'
import { verificationFacts } from './verification-facts.queries.ts'

const listColumns = ['id', 'name', 'model', 'status', 'createdAt', 'updatedAt', runtimeFacts] as const
const runtimeColumns = ['instanceId', 'image', 'sealedToken', 'sealedModelKey'] as const
const agentColumns = [...listColumns, ...runtimeColumns, 'startedAt', 'plan', 'aiProvider', 'config', verificationFacts] as const

/** The start of every read: agents of one account. */
const agentsOf = (db: Db, accountId: AccountId) => db.selectFrom('agents').where('accountId', '=', accountId)

/** Newest first. */
export const listAgents = prepare((db, accountId: AccountId, limit: number, offset: number) =>
  agentsOf(db, accountId).select(listColumns).orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(limit).offset(offset),
)

const listedAgents = (db: Db, accountId: AccountId, limit: number) =>
  agentsOf(db, accountId)
    .select(listColumns)
    .select(exactTime('createdAt').as('place'))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)

/** The newest, newest first; `place` is when each was made, exactly. */
export const listNewestAgents = prepare((db, accountId: AccountId, limit: number) => listedAgents(db, accountId, limit))

/** The newest of those that are older than the place. */
export const listOlderAgents = prepare((db, accountId: AccountId, limit: number, at: string, id: string) =>
  listedAgents(db, accountId, limit).where(isOlderThan('createdAt', [at, id])),
)

export async function countAgents(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await agentsOf(db, accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

const agentById = prepare((db, accountId: AccountId, agentId: string) =>
  agentsOf(db, accountId).where('id', '=', agentId).select(agentColumns),
)
export const findAgent = async (db: Db, accountId: AccountId, agentId: string) => (await agentById(db, accountId, agentId)).at(0)

/**
 * The row stays locked until the transaction ends, so that two changes of the agent, or of what it has, are made
 * one after the other. Rows that only refer to it are written meanwhile.
 */
export const lockAgent = (db: Db, accountId: AccountId, agentId: string) =>
  agentsOf(db, accountId).where('id', '=', agentId).select(agentColumns).forNoKeyUpdate().executeTakeFirst()

/** The agent cannot be deleted until the transaction ends. */
export const keepAgent = (db: Db, accountId: AccountId, agentId: string) =>
  agentsOf(db, accountId).where('id', '=', agentId).select('id').forKeyShare().executeTakeFirst()

/** The oldest agent of the account. */
export const findOldestAgent = (db: Db, accountId: AccountId) =>
  agentsOf(db, accountId).select(agentColumns).orderBy('createdAt').orderBy('id').limit(1).executeTakeFirst()

/** The oldest agent of the account that is to answer, else the oldest. */
export const findDefaultAgent = (db: Db, accountId: AccountId) =>
  agentsOf(db, accountId)
    .select(agentColumns)
    .orderBy((eb) => eb('status', 'in', wantedStatuses), 'desc')
    .orderBy('createdAt')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()

/** How many agents the account has; the account stays locked, so two callers cannot both take the last place. */
export async function lockAgentCount(db: Db, accountId: AccountId): Promise<number> {
  await lockAccount(db, accountId)
  return countAgents(db, accountId)
}

interface NewAgent {
  id: string
  name: string
  model: string
  aiProvider: string
  plan: string
  config: AgentConfig
}

type AgentChange = Partial<Omit<NewAgent, 'id'> & { image: string }>

export const insertAgent = (db: Db, accountId: AccountId, agent: NewAgent) =>
  db
    .insertInto('agents')
    .values({ ...agent, accountId, config: JSON.stringify(agent.config) })
    .returning(agentColumns)
    .executeTakeFirstOrThrow()

export const updateAgent = (db: Db, accountId: AccountId, agentId: string, change: AgentChange) =>
  db
    .updateTable('agents')
    .set({ ...change, ...(change.config ? { config: JSON.stringify(change.config) } : {}), updatedAt: sql<string>`now()` } as never)
    .where('accountId', '=', accountId)
    .where('id', '=', agentId)
    .returning(agentColumns)
    .executeTakeFirst()

/** `started` sets the time of the last start to now. */
export const updateAgentStatus = (db: Db, accountId: AccountId, agentId: string, status: AgentStatus, { started = false } = {}) =>
  db
    .updateTable('agents')
    .set({ status, updatedAt: sql<string>`now()`, ...(started ? { startedAt: sql<string>`now()` } : {}) })
    .where('accountId', '=', accountId)
    .where('id', '=', agentId)
    .returning(agentColumns)
    .executeTakeFirst()

/** Changes the state of an agent that has still the one it was seen in. @returns whether it had. */
export async function changeStatus(db: Db, accountId: AccountId, agentId: string, from: string, to: AgentStatus): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('agents')
    .set({ status: to, updatedAt: sql<string>`now()` })
    .where('accountId', '=', accountId)
    .where('id', '=', agentId)
    .where('status', '=', from)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** For an agent that runs as far as is known. */
export const markDegraded = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .updateTable('agents')
    .set({ status: 'degraded', updatedAt: sql<string>`now()` })
    .where('accountId', '=', accountId)
    .where('id', '=', agentId)
    .where('status', '=', 'running')
    .execute()

/** Keeps an encrypted secret of the runtime unless there is one already. @returns the one that is kept. */
export async function keepRuntimeSecret(
  db: Db,
  accountId: AccountId,
  agentId: string,
  column: 'sealedToken' | 'sealedModelKey',
  sealed: string,
): Promise<string | undefined> {
  const kept = await db
    .updateTable('agents')
    .set((eb) => ({ [column]: eb.fn.coalesce(column, eb.val(sealed)) }))
    .where('accountId', '=', accountId)
    .where('id', '=', agentId)
    .returning(column)
    .executeTakeFirst()
  return (kept as Partial<Record<typeof column, string>> | undefined)?.[column]
}

export const findAgentByInstance = (db: Db, accountId: AccountId, instanceId: string) =>
  agentsOf(db, accountId).where('instanceId', '=', instanceId).select(agentColumns).executeTakeFirst()

/** Whether an instance, or an account, of that id exists at all; whoever asks is told no more of it. */
export async function hasInstance(systemDb: Db, id: string): Promise<boolean> {
  const found = await systemDb
    .selectFrom('agents')
    .where((eb) => eb.or([eb('instanceId', '=', id), eb('accountId', '=', id)]))
    .select('id')
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** Takes its messages, memory, credentials and skills with it. */
export const deleteAgent = (db: Db, accountId: AccountId, agentId: string) =>
  db.deleteFrom('agents').where('accountId', '=', accountId).where('id', '=', agentId).returning('id').executeTakeFirst()

/** Stores a credential of an agent, encrypted; another value takes the place of the first. */
export const upsertCredential = (db: Db, accountId: AccountId, agentId: string, key: string, sealedValue: string) =>
  db
    .insertInto('agentCredentials')
    .values({ accountId, agentId, key, sealedValue })
    .onConflict((oc) => oc.columns(['agentId', 'key']).doUpdateSet({ sealedValue, updatedAt: sql<string>`now()` }))
    .execute()

export const deleteCredentials = (db: Db, accountId: AccountId, agentId: string, keys: readonly string[]) =>
  db.deleteFrom('agentCredentials').where('accountId', '=', accountId).where('agentId', '=', agentId).where('key', 'in', keys).execute()

export const listCredentials = prepare((db, accountId: AccountId, agentId: string) =>
  db.selectFrom('agentCredentials').where('accountId', '=', accountId).where('agentId', '=', agentId).select(['key', 'sealedValue']),
)

export const listSkills = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .selectFrom('agentSkills')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .select(['skillId as id', 'name', 'description', 'isEnabled as enabled'])
    .orderBy('skillId')
    .execute()

export const updateSkill = (db: Db, accountId: AccountId, agentId: string, skillId: string, isEnabled: boolean) =>
  db
    .updateTable('agentSkills')
    .set({ isEnabled })
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('skillId', '=', skillId)
    .returning('skillId')
    .executeTakeFirst()

export type AgentRow = NonNullable<Awaited<ReturnType<typeof findAgent>>>
export type ListedAgentRow = Pick<AgentRow, 'id' | 'name' | 'model' | 'status' | 'createdAt' | 'updatedAt' | 'runtime'>
