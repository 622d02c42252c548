import type { MetaFunction } from '@remix-run/node'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { InvitationList } from '../../features/identity/invitations/invitation-list.tsx'
import { InviteDialog } from '../../features/identity/invitations/invite-dialog.tsx'
import { MemberList } from '../../features/identity/members/member-list.tsx'
import { useMay, usePath, useWorkspaces } from '../../workspace/workspace.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/notice.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Members · Agentbot' }]

export default function MembersPage() {
  const { workspace, userId } = useWorkspaces()
  const pathOf = usePath()
  const mayInvite = useMay('members:write')
  const [isOpen, setOpen] = useState(false)
  if (workspace.kind === 'personal') {
    return (
      <>
        <PageHeader title="Members" />
        <EmptyState title="This workspace is yours alone" action={<ButtonLink to={pathOf('/workspace')}>Workspace settings</ButtonLink>}>
          Turn it into a team to invite others, or make a new team.
        </EmptyState>
      </>
    )
  }
  return (
    <>
      <PageHeader
        title="Members"
        actions={
          mayInvite && (
            <Button look="primary" onClick={() => setOpen(true)}>
              <UserPlus size={16} aria-hidden /> Invite
            </Button>
          )
        }
      >
        Who works in {workspace.name}.
      </PageHeader>
      <MemberList userId={userId} />
      <InvitationList />
      <InviteDialog isOpen={isOpen} onOpenChange={setOpen} />
    </>
  )
}
