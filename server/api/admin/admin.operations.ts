import { Nothing, Success } from '#server/platform/core/common.contract.ts'
import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './admin.contract.ts'
import { examples } from './admin.examples.ts'
import * as service from './admin.service.ts'

const reads = { access: 'admin', bucket: 'general' } as const
// They reach across workspaces, on a connection of their own.
const writes = { access: 'admin', bucket: 'general', transaction: false, output: Success } as const

export const admin = {
  people: defineQuery({
    ...reads,
    name: 'admin.people',
    summary: 'List the people of the server',
    input: contract.Search,
    output: contract.People,
    example: examples.people,
    run: service.listPeople,
  }),
  suspendPerson: defineMutation({
    ...writes,
    name: 'admin.suspendPerson',
    summary: 'Keep a person out',
    description: 'Ends their sessions and what they read, and switches their keys off, at once and on every server.',
    input: contract.PersonRef,
    example: examples.person,
    run: service.suspendPerson,
  }),
  unsuspendPerson: defineMutation({
    ...writes,
    name: 'admin.unsuspendPerson',
    summary: 'Let a person in again',
    input: contract.PersonRef,
    example: examples.person,
    run: service.unsuspendPerson,
  }),
  signOutPerson: defineMutation({
    ...writes,
    name: 'admin.signOutPerson',
    summary: 'Sign a person out everywhere',
    input: contract.PersonRef,
    example: examples.person,
    run: service.signOutPerson,
  }),
  workspaces: defineQuery({
    ...reads,
    name: 'admin.workspaces',
    summary: 'List the workspaces of the server',
    input: contract.Search,
    output: contract.Workspaces,
    example: examples.workspaces,
    run: service.listWorkspaces,
  }),
  setPlan: defineMutation({
    ...writes,
    name: 'admin.setPlan',
    summary: 'Give a workspace another plan',
    description: 'Not where it pays for one at Stripe. While Stripe is off, `SELF_HOSTED_PLAN` is the plan of all.',
    input: contract.SetPlan,
    example: examples.setPlan,
    run: service.setPlan,
  }),
  suspendWorkspace: defineMutation({
    ...writes,
    name: 'admin.suspendWorkspace',
    summary: 'Close a workspace',
    description: 'Its members and keys are refused, and what they read is cut off, at once and on every server.',
    input: contract.WorkspaceRef,
    example: examples.workspace,
    run: service.suspendWorkspace,
  }),
  unsuspendWorkspace: defineMutation({
    ...writes,
    name: 'admin.unsuspendWorkspace',
    summary: 'Open a workspace again',
    input: contract.WorkspaceRef,
    example: examples.workspace,
    run: service.unsuspendWorkspace,
  }),
  failedJobs: defineQuery({
    ...reads,
    name: 'admin.failedJobs',
    summary: 'List jobs that were given up',
    input: contract.ListFailedJobs,
    output: contract.FailedJobs,
    example: examples.failedJobs,
    run: service.listFailedJobs,
  }),
  retryJob: defineMutation({
    ...writes,
    name: 'admin.retryJob',
    summary: 'Try a job again that was given up',
    input: contract.JobRef,
    example: examples.retryJob,
    run: service.retryJob,
  }),
  runtimes: defineQuery({
    ...reads,
    name: 'admin.runtimes',
    summary: 'See how agents are, of all workspaces',
    input: Nothing,
    output: contract.RuntimeHealth,
    example: examples.runtimes,
    run: service.getRuntimeHealth,
  }),
  events: defineQuery({
    ...reads,
    name: 'admin.events',
    summary: "List events of the server's own audit log",
    description: 'What those who operate the server did, and sign-ins of nobody who is known.',
    input: contract.ListServerEvents,
    output: contract.ServerEvents,
    example: examples.events,
    run: service.listServerEvents,
  }),
}
