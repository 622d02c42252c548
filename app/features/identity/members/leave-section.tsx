import { useMutation } from '@tanstack/react-query'
import { LogOut } from 'lucide-react'
import { useState } from 'react'
import { useWorkspaces } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Section } from '../../../ui/page.tsx'
import { DecisionDialog } from './member-dialogs.tsx'

export function LeaveSection() {
  const trpc = useTRPC()
  const { workspace } = useWorkspaces()
  const [isOpen, setOpen] = useState(false)
  const leave = useMutation(
    trpc.members.leave.mutationOptions({
      // A fresh page: nothing that was seen here stays in memory.
      onSuccess: () => window.location.assign('/agents'),
    }),
  )
  return (
    <Section title="Leave" about="You see nothing of this workspace from then on. What you made in it stays.">
      <Button onClick={() => setOpen(true)}>
        <LogOut size={16} aria-hidden /> Leave the workspace
      </Button>
      <DecisionDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Leave ${workspace.name}?`}
        description="Somebody has to invite you again before you can come back."
        action="Leave"
        who="You"
        error={leave.error}
        isBusy={leave.isPending || leave.isSuccess}
        onConfirm={(keys) => leave.mutate({ keys })}
        onReset={leave.reset}
      />
    </Section>
  )
}
