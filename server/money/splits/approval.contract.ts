import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'

export const SplitApproval = z
  .object({
    state: z.enum(['waiting', 'approved', 'declined', 'expired']).meta({
      id: 'SplitApprovalState',
      description: 'What became of the question whether a split may be shared out.',
      'x-enumDescriptions': {
        waiting: 'It waits until an owner approves it, 7 days at most.',
        approved: 'An owner approved it, or policies came to allow it.',
        declined: 'An owner declined it; nothing was paid. It may be asked again.',
        expired: 'No owner decided it in time; nothing was paid. It may be asked again.',
      },
    }),
    reason: z.string().describe('Why an owner is asked, or how it ended.'),
    agentId: z.string().nullable().describe('The agent that asked; null for a person.'),
    approvableUntil: timestamp.nullable().describe('Until when an owner may approve it; null when it does not wait.'),
  })
  .meta({ id: 'SplitApproval', description: 'The question to an owner whether a split that goes beyond the policies may be shared out.' })
export type SplitApproval = z.infer<typeof SplitApproval>
