import { z } from 'zod'
import { AuditEvent } from '#server/insight/audit/audit.contract.ts'
import { AccountPlan } from '#server/money/billing/billing.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'

/** Most entries of one answer. */
export const MAX_ENTRIES = 100

const id = z.string().min(1).max(255)
const page = {
  before: id.optional().describe('Id of the entry to go on behind, from `next` of the page before.'),
  limit: z.int().min(1).max(MAX_ENTRIES).default(50).describe(`Most entries of the answer, 1 to ${MAX_ENTRIES}.`),
}
const next = z.string().nullable().describe('Send it as `before` for the next page; null when there is none.')

export const Search = z.object({
  search: z.string().trim().min(1).max(200).optional().describe('Part of the name, the address or the id.'),
  isSuspended: z.boolean().optional().describe('Only those that are suspended, or that are not.'),
  ...page,
})
export type Search = z.output<typeof Search>

export const Person = z
  .object({
    id: z.string().describe('Their id.'),
    name: z.string().describe('What they are called.'),
    email: z.string().nullable().describe('Their address; null for who has none.'),
    isEmailVerified: z.boolean().describe('Whether the address is known to be theirs.'),
    isSuspended: z.boolean().describe('Whether they are kept out.'),
    createdAt: timestamp.describe('When they came.'),
    lastSeenAt: timestamp.nullable().describe('When one of their sessions was used last; null where none is open.'),
    workspaces: z.int().min(0).describe('Workspaces they are in.'),
  })
  .meta({ id: 'Person', description: 'Somebody who has an account on this server.' })
export const People = z
  .object({ people: z.array(Person).max(MAX_ENTRIES).describe('The people, newest first.'), next })
  .meta({ id: 'People', description: 'A page of people.' })
export type People = z.input<typeof People>

export const PersonRef = z.object({ userId: id.describe('Id of the person.') })
export type PersonRef = z.output<typeof PersonRef>

export const Workspace = z
  .object({
    id: z.string().describe('Its id.'),
    kind: z.enum(['personal', 'team']).meta({
      id: 'WorkspaceKind',
      description: 'Whose a workspace is.',
      'x-enumDescriptions': { personal: 'Of one person.', team: 'Of several.' },
    }),
    name: z.string().describe('What it is called.'),
    plan: AccountPlan,
    subscriptionStatus: z.string().describe('State of the subscription, such as `active` or `trialing`.'),
    isSuspended: z.boolean().describe('Whether it is closed to everybody.'),
    createdAt: timestamp.describe('When it was made.'),
    members: z.int().min(0).describe('People who are in it.'),
    agents: z.int().min(0).describe('Agents it has.'),
  })
  .meta({ id: 'OperatedWorkspace', description: 'A workspace, as those who operate the server see it.' })
export const Workspaces = z
  .object({ workspaces: z.array(Workspace).max(MAX_ENTRIES).describe('The workspaces, newest first.'), next })
  .meta({ id: 'OperatedWorkspaces', description: 'A page of workspaces.' })
export type Workspaces = z.input<typeof Workspaces>

export const WorkspaceRef = z.object({ accountId: id.describe('Id of the workspace.') })
export type WorkspaceRef = z.output<typeof WorkspaceRef>
export const SetPlan = z.object({ ...WorkspaceRef.shape, plan: AccountPlan })
export type SetPlan = z.output<typeof SetPlan>

export const ListFailedJobs = z.object(page)
export type ListFailedJobs = z.output<typeof ListFailedJobs>
export const FailedJob = z
  .object({
    id: z.string().describe('Its id.'),
    accountId: z.string().nullable().describe('The workspace it is of; null for one of the server.'),
    type: z.string().describe('What it does.'),
    error: z.string().nullable().describe('Why it failed.'),
    errorCode: z.string().nullable().describe('Code of that error.'),
    attempts: z.int().min(0).describe('How often it was tried.'),
    createdAt: timestamp.describe('When it was queued.'),
    completedAt: timestamp.nullable().describe('When it was given up.'),
  })
  .meta({ id: 'FailedJob', description: 'A job that was given up.' })
export const FailedJobs = z
  .object({ jobs: z.array(FailedJob).max(MAX_ENTRIES).describe('The jobs, newest first.'), next })
  .meta({ id: 'FailedJobs', description: 'A page of failed jobs.' })
export type FailedJobs = z.input<typeof FailedJobs>
export const JobRef = z.object({ jobId: id.describe('Id of the job.') })
export type JobRef = z.output<typeof JobRef>

export const RuntimeHealth = z
  .object({
    states: z
      .array(
        z
          .object({
            status: z.string().describe('State of agents, such as `running`.'),
            agents: z.int().min(0).describe('How many are in it.'),
          })
          .meta({ id: 'AgentsInState', description: 'Agents in one state.' }),
      )
      .max(MAX_ENTRIES)
      .describe('Agents by their state.'),
    unwell: z
      .array(
        z
          .object({
            agentId: z.string().describe('Id of the agent.'),
            accountId: z.string().describe('The workspace it is of.'),
            status: z.string().describe('Its state.'),
            reason: z.string().nullable().describe('Why it is not well, where that is known.'),
            seenAt: timestamp.nullable().describe('When its state was seen last.'),
          })
          .meta({ id: 'UnwellAgent', description: 'An agent that is not well.' }),
      )
      .max(MAX_ENTRIES)
      .describe('Agents that should run and do not, some of them.'),
  })
  .meta({ id: 'RuntimeHealth', description: 'How the agents of all workspaces are.' })
export type RuntimeHealth = z.input<typeof RuntimeHealth>

export const ListServerEvents = z.object({
  before: z.int().min(1).max(Number.MAX_SAFE_INTEGER).optional().describe('Number of the event to go on behind.'),
  limit: page.limit,
})
export type ListServerEvents = z.output<typeof ListServerEvents>
export const ServerEvents = z
  .object({
    events: z.array(AuditEvent).max(MAX_ENTRIES).describe('The events, newest first.'),
    next: z.int().nullable().meta({ format: 'int64', description: 'Send it as `before` for the next page; null when there is none.' }),
  })
  .meta({ id: 'ServerEvents', description: "A page of the server's own audit log." })
