import { endSessionsOf } from '#server/identity/auth/index.ts'
import { listServerEvents as listEvents } from '#server/insight/audit/index.ts'
import { inTransaction, noteAudit, type SessionContext } from '#server/platform/core/index.ts'
import { queue } from '#server/platform/jobs/index.ts'
import type * as contract from './admin.contract.ts'
import * as errors from './admin.errors.ts'
import * as queries from './admin.queries.ts'

type Done = { success: true }
const done: Done = { success: true }

/** One more is read than is shown, which says whether there is more. */
function pageOf<T extends { id: string }>(rows: T[], limit: number): { shown: T[]; next: string | null } {
  const shown = rows.slice(0, limit)
  return { shown, next: rows.length > limit ? shown.at(-1)!.id : null }
}

const systemOf = (ctx: SessionContext) => ctx.platform.databases.system

export async function listPeople(ctx: SessionContext, input: contract.Search): Promise<contract.People> {
  const { shown, next } = pageOf(await queries.listPeople(systemOf(ctx), { ...input, limit: input.limit + 1 }), input.limit)
  return { people: shown, next }
}

/** The person, of whom the log is told: in that of the server and in that of their own workspace. @throws PersonNotFound */
async function personOf(ctx: SessionContext, userId: string) {
  const person = await queries.findPersonRow(systemOf(ctx), userId)
  if (!person) throw new errors.PersonNotFound()
  noteAudit(ctx, {
    targets: [{ type: 'user', id: person.id, name: person.email ?? person.name }],
    ...(person.personalAccountId === null ? {} : { alsoIn: [{ accountId: person.personalAccountId }] }),
  })
  return person
}

/** Keeps a person out: their sessions end, their keys stop working, and what they read is cut off, on every server. @throws PersonNotFound, OwnAccount */
export async function suspendPerson(ctx: SessionContext, { userId }: contract.PersonRef): Promise<Done> {
  const person = await personOf(ctx, userId)
  if (person.id === ctx.actor.user.id) throw new errors.OwnAccount()
  await inTransaction(systemOf(ctx), async (db) => {
    await queries.setPersonSuspended(db, person.id, true)
    await endSessionsOf(db, person.id)
  })
  return done
}

/** @throws PersonNotFound */
export async function unsuspendPerson(ctx: SessionContext, { userId }: contract.PersonRef): Promise<Done> {
  const person = await personOf(ctx, userId)
  await queries.setPersonSuspended(systemOf(ctx), person.id, false)
  return done
}

/** Ends all sessions of a person. @throws PersonNotFound */
export async function signOutPerson(ctx: SessionContext, { userId }: contract.PersonRef): Promise<Done> {
  const person = await personOf(ctx, userId)
  await endSessionsOf(systemOf(ctx), person.id)
  return done
}

export async function listWorkspaces(ctx: SessionContext, input: contract.Search): Promise<contract.Workspaces> {
  const { shown, next } = pageOf(await queries.listWorkspaces(systemOf(ctx), { ...input, limit: input.limit + 1 }), input.limit)
  return { workspaces: shown as contract.Workspaces['workspaces'], next }
}

/** Changes a workspace that is locked meanwhile, and of which the log is told. @throws NoSuchWorkspace */
async function changeWorkspace(
  ctx: SessionContext,
  accountId: string,
  change: (db: Parameters<typeof queries.lockWorkspace>[0], workspace: LockedWorkspace) => Promise<unknown>,
): Promise<Done> {
  await inTransaction(systemOf(ctx), async (db) => {
    const workspace = await queries.lockWorkspace(db, accountId)
    if (!workspace) throw new errors.NoSuchWorkspace()
    noteAudit(ctx, { targets: [{ type: 'workspace', id: workspace.id, name: workspace.name }], alsoIn: [{ accountId: workspace.id }] })
    await change(db, workspace)
  })
  return done
}

type LockedWorkspace = NonNullable<Awaited<ReturnType<typeof queries.lockWorkspace>>>

/** Gives a workspace another plan, without a subscription. @throws NoSuchWorkspace, HasSubscription */
export const setPlan = (ctx: SessionContext, { accountId, plan }: contract.SetPlan): Promise<Done> =>
  changeWorkspace(ctx, accountId, async (db, workspace) => {
    if (workspace.stripeSubscriptionId !== null) throw new errors.HasSubscription()
    noteAudit(ctx, { changes: { plan: { before: workspace.plan, after: plan } } })
    await queries.setWorkspacePlan(db, accountId, plan)
  })

/** Closes a workspace to its members and its keys, on every server. @throws NoSuchWorkspace, OwnAccount */
export const suspendWorkspace = (ctx: SessionContext, { accountId }: contract.WorkspaceRef): Promise<Done> =>
  changeWorkspace(ctx, accountId, async (db) => {
    if (accountId === ctx.actor.user.personalAccountId) throw new errors.OwnAccount()
    await queries.setWorkspaceSuspended(db, accountId, true)
  })

/** @throws NoSuchWorkspace */
export const unsuspendWorkspace = (ctx: SessionContext, { accountId }: contract.WorkspaceRef): Promise<Done> =>
  changeWorkspace(ctx, accountId, (db) => queries.setWorkspaceSuspended(db, accountId, false))

export async function listFailedJobs(ctx: SessionContext, { before, limit }: contract.ListFailedJobs): Promise<contract.FailedJobs> {
  const { shown, next } = pageOf(await queries.listFailedJobs(systemOf(ctx), limit + 1, before), limit)
  return { jobs: shown, next }
}

/** Has a job that was given up tried again. @throws NoFailedJob */
export async function retryJob(ctx: SessionContext, { jobId }: contract.JobRef): Promise<Done> {
  const job = await queries.requeueFailedJob(systemOf(ctx), jobId)
  if (!job) throw new errors.NoFailedJob()
  if (job.accountId !== null) noteAudit(ctx, { alsoIn: [{ accountId: job.accountId }] })
  await queue.notifyWork(systemOf(ctx))
  return done
}

const MAX_ROWS = 100

export async function getRuntimeHealth(ctx: SessionContext): Promise<contract.RuntimeHealth> {
  return {
    states: await queries.countAgentStates(systemOf(ctx), MAX_ROWS),
    unwell: await queries.listUnwellAgents(systemOf(ctx), MAX_ROWS),
  }
}

/** The server's own log: what those who operate it did, and sign-ins of nobody who is known. */
export const listServerEvents = (ctx: SessionContext, input: contract.ListServerEvents) => listEvents(ctx, input)
