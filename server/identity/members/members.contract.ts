import { z } from 'zod'
import { Nothing, Success, timestamp } from '#server/platform/core/common.contract.ts'
import { WorkspaceRole } from '../workspaces/workspaces.contract.ts'

export { Nothing, Success }

export const Member = z
  .object({
    userId: z.string().describe('Id of the person.'),
    name: z.string().describe('What they are called.'),
    email: z.string().nullable().describe('Where they can be reached; null for who has no address, such as somebody with a wallet.'),
    role: WorkspaceRole,
    keyCount: z.int().describe('How many API keys of the workspace they made.'),
    joinedAt: timestamp.describe('When they came to the workspace.'),
  })
  .meta({ id: 'Member', description: 'Somebody who is in the workspace.' })
export type Member = z.infer<typeof Member>

export const Members = z.array(Member)

const userId = z.string().min(1, 'expected the id of a member').describe('Id of the person.')

export const KeysDecision = z.enum(['keep', 'delete']).meta({
  id: 'KeysDecision',
  description: 'What becomes of the API keys somebody made.',
  'x-enumDescriptions': { keep: 'They go on working, and belong to the workspace.', delete: 'They stop working at once.' },
})
export type KeysDecision = z.infer<typeof KeysDecision>

const keys = KeysDecision.optional().describe(
  'What becomes of the API keys the person made in the workspace. Needed where there are any; the refusal names them.',
)

export const ChangeRole = z.object({ userId, role: WorkspaceRole, keys })
export type ChangeRole = z.infer<typeof ChangeRole>

export const RemoveMember = z.object({ userId, keys })
export type RemoveMember = z.infer<typeof RemoveMember>

export const LeaveWorkspace = z.object({ keys })
export type LeaveWorkspace = z.infer<typeof LeaveWorkspace>

export const TransferOwnership = z.object({ userId })
export type TransferOwnership = z.infer<typeof TransferOwnership>
