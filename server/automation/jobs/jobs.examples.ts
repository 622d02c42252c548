import { exampleIds } from '#server/platform/operations/index.ts'

const createdAt = '2026-03-02T06:40:00.000Z'

export const examples = {
  get: {
    input: { jobId: exampleIds.job },
    output: {
      id: exampleIds.job,
      userId: exampleIds.account,
      status: 'completed',
      error: null,
      result: { reply: 'High water at 07:12.' },
      agentId: exampleIds.agent,
      jobType: 'gateway_chat_completion',
      lane: 'runtime_exec',
      attempts: 1,
      maxAttempts: 3,
      createdAt,
      updatedAt: '2026-03-02T06:40:02.000Z',
      startedAt: createdAt,
      completedAt: '2026-03-02T06:40:02.000Z',
    },
  },
  enqueueChat: {
    input: { message: 'Draft the weekly tide report.' },
    output: {
      success: true,
      queued: true,
      jobId: exampleIds.job,
      status: 'queued',
      agentId: exampleIds.agent,
      agentName: 'Harbour Desk',
    },
  },
} as const
