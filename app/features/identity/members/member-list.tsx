import { useQuery } from '@tanstack/react-query'
import { ArrowRightLeft, UserMinus } from 'lucide-react'
import { useState } from 'react'
import type { Member } from '../../../../server/identity/members/members.contract.ts'
import type { Role } from '../../../../server/platform/core/roles.contract.ts'
import { useMay, useWorkspaces } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { IconButton } from '../../../ui/button.tsx'
import { control } from '../../../ui/field.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { ChangeRoleDialog, RemoveMemberDialog } from './member-dialogs.tsx'
import { grantable } from './member-roles.ts'
import { TransferDialog } from './transfer-dialog.tsx'

export function MemberList({ userId }: { userId: string }) {
  const trpc = useTRPC()
  const { data: members, error, isError, refetch } = useQuery(trpc.members.list.queryOptions())
  if (!members) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList className="h-16" />
  return (
    <ul aria-label="Members" className="rounded-xl border border-line bg-surface">
      {members.map((member) => (
        <MemberRow key={member.userId} member={member} isSelf={member.userId === userId} />
      ))}
    </ul>
  )
}

function MemberRow({ member, isSelf }: { member: Member; isSelf: boolean }) {
  const { workspace } = useWorkspaces()
  const mayOwn = useMay('workspace:own')
  const [dialog, setDialog] = useState<'role' | 'remove' | 'transfer' | null>(null)
  const [role, setRole] = useState<Role>(member.role)
  const given = grantable(workspace.role)
  // Nobody takes more than they have; oneself one leaves by the workspace's settings.
  const mayChange = !isSelf && given.includes(member.role)
  const setOpen = (name: 'role' | 'remove' | 'transfer') => (isOpen: boolean) => setDialog(isOpen ? name : null)
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-medium [overflow-wrap:anywhere]">
          {member.name} {isSelf && <span className="font-normal text-muted">(you)</span>}
        </p>
        <p className="text-sm text-muted [overflow-wrap:anywhere]">
          {member.email !== null && member.email !== member.name && `${member.email} · `}
          since <Time at={member.joinedAt} />
          {member.keyCount > 0 && ` · ${member.keyCount} API ${member.keyCount === 1 ? 'key' : 'keys'}`}
        </p>
      </div>
      {mayChange ? (
        <div className="flex items-center gap-1">
          <select
            aria-label={`Role of ${member.name}`}
            className={`${control} w-auto!`}
            value={member.role}
            onChange={(event) => {
              setRole(event.target.value as Role)
              setDialog('role')
            }}
          >
            {given.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          {mayOwn && (
            <IconButton label={`Hand the workspace over to ${member.name}`} onClick={() => setDialog('transfer')}>
              <ArrowRightLeft size={16} aria-hidden />
            </IconButton>
          )}
          <IconButton label={`Remove ${member.name}`} onClick={() => setDialog('remove')}>
            <UserMinus size={16} aria-hidden />
          </IconButton>
        </div>
      ) : (
        <p className="text-sm">{member.role}</p>
      )}
      <ChangeRoleDialog member={member} role={role} isOpen={dialog === 'role'} onOpenChange={setOpen('role')} />
      <RemoveMemberDialog member={member} isOpen={dialog === 'remove'} onOpenChange={setOpen('remove')} />
      <TransferDialog member={member} isOpen={dialog === 'transfer'} onOpenChange={setOpen('transfer')} />
    </li>
  )
}
