import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import * as contract from './members.contract.ts'
import { members } from './members.operations.ts'

const MemberList = z.object({ members: contract.Members })
const tag = 'workspaces'

export const membersRest = {
  list: bind({ id: 'listMembers', tag, operation: members.list, output: MemberList, body: (list) => ({ members: list }), errors: [404] }),
  changeRole: bind({ id: 'changeMemberRole', tag, operation: members.changeRole, errors: [403, 404, 409] }),
  remove: bind({ id: 'removeMember', tag, operation: members.remove, errors: [403, 404, 409] }),
  leave: bind({ id: 'leaveWorkspace', tag, operation: members.leave, errors: [404, 409] }),
  transferOwnership: bind({ id: 'transferOwnership', tag, operation: members.transferOwnership, errors: [403, 404, 409] }),
}
