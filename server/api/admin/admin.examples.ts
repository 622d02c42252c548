import { exampleIds } from '#server/platform/operations/index.ts'

const success = { success: true } as const
const at = '2026-11-27T10:00:00.000Z'

export const examples = {
  people: {
    input: { search: 'ada', limit: 1 },
    output: {
      people: [
        {
          id: exampleIds.account,
          name: 'Ada Lovelace',
          email: 'ada@example.org',
          isEmailVerified: true,
          isSuspended: false,
          createdAt: at,
          lastSeenAt: at,
          workspaces: 2,
        },
      ],
      next: null,
    },
  },
  person: { input: { userId: exampleIds.account }, output: success },
  workspaces: {
    input: { limit: 1 },
    output: {
      workspaces: [
        {
          id: exampleIds.account,
          kind: 'personal',
          name: 'Ada Lovelace',
          plan: 'solo',
          subscriptionStatus: 'active',
          isSuspended: false,
          createdAt: at,
          members: 1,
          agents: 1,
        },
      ],
      next: exampleIds.account,
    },
  },
  setPlan: { input: { accountId: exampleIds.account, plan: 'label' }, output: success },
  workspace: { input: { accountId: exampleIds.account }, output: success },
  failedJobs: {
    input: { limit: 1 },
    output: {
      jobs: [
        {
          id: exampleIds.job,
          accountId: exampleIds.account,
          type: 'gateway-chat',
          error: 'The model did not answer.',
          errorCode: 'MODEL_FAILED',
          attempts: 3,
          createdAt: at,
          completedAt: at,
        },
      ],
      next: null,
    },
  },
  retryJob: { input: { jobId: exampleIds.job }, output: success },
  runtimes: {
    input: {},
    output: {
      states: [{ status: 'running', agents: 12 }],
      unwell: [
        { agentId: exampleIds.agent, accountId: exampleIds.account, status: 'crash_loop', reason: 'It stopped three times.', seenAt: at },
      ],
    },
  },
  events: {
    input: { limit: 1 },
    output: {
      events: [
        {
          id: 'aud_01jdx3k9t8f2v9w7b1n5q4h6zc',
          number: 3,
          at,
          action: 'admin.suspendPerson',
          outcome: 'success',
          code: null,
          actor: { type: 'admin', id: exampleIds.account, name: 'operator@example.org' },
          targets: [{ type: 'user', id: exampleIds.account, name: 'eve@example.org' }],
          context: { ip: '203.0.113.7', requestId: 'req_01jdx3k9t8f2v9w7b1n5q4h6zc' },
          changes: [],
          hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        },
      ],
      next: null,
    },
  },
} as const
