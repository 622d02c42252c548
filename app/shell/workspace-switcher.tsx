import { useNavigate } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { Building2, ChevronsUpDown, Plus, Settings2, Users } from 'lucide-react'
import { useState } from 'react'
import { CreateTeamDialog } from '../features/identity/workspaces/create-team-dialog.tsx'
import { useTRPC } from '../trpc/client.tsx'
import { Menu, MenuChoices, MenuItem, MenuLine } from '../ui/menu.tsx'
import { pathIn, useMay, usePath, useWorkspaces } from '../workspace/workspace.ts'

/** Shows which workspace the page is of, and leads to the others and to its members. */
export function WorkspaceSwitcher() {
  const { workspace, workspaces } = useWorkspaces()
  const trpc = useTRPC()
  const navigate = useNavigate()
  const pathOf = usePath()
  const mayReadMembers = useMay('members:read')
  const [isOpen, setOpen] = useState(false)
  // The address already says it; this is for addresses that do not, such as those opened tomorrow.
  const { mutate: choose } = useMutation(trpc.workspaces.choose.mutationOptions())
  const go = (workspaceId: string) => {
    choose({ workspaceId })
    navigate(pathIn(workspaceId, '/agents'))
  }
  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            aria-label={`Workspace: ${workspace.name}. Switch`}
            title={workspace.name}
            className="inline-flex min-h-10 min-w-10 items-center justify-center gap-1.5 rounded-lg px-2 text-sm font-medium transition hover:bg-sunken"
          >
            <Building2 size={18} aria-hidden className="sm:hidden" />
            <span className="hidden max-w-40 truncate sm:inline">{workspace.name}</span>
            <ChevronsUpDown size={14} aria-hidden className="hidden text-muted sm:inline" />
          </button>
        }
      >
        <p className="px-3 py-2 text-xs font-medium text-muted">Workspaces</p>
        <MenuChoices
          label="Workspaces"
          chosen={workspace.id}
          onChoose={go}
          choices={workspaces.map(({ id, name, kind, role }) => ({
            value: id,
            text: (
              <>
                <span className="block truncate">{name}</span>
                <span className="block text-xs text-muted">{kind === 'personal' ? 'personal' : role}</span>
              </>
            ),
          }))}
        />
        <MenuLine />
        {mayReadMembers && workspace.kind === 'team' && (
          <MenuItem onSelect={() => navigate(pathOf('/members'))}>
            <Users size={16} aria-hidden /> Members
          </MenuItem>
        )}
        <MenuItem onSelect={() => navigate(pathOf('/workspace'))}>
          <Settings2 size={16} aria-hidden /> Workspace settings
        </MenuItem>
        <MenuItem onSelect={() => setOpen(true)}>
          <Plus size={16} aria-hidden /> New team…
        </MenuItem>
      </Menu>
      <CreateTeamDialog isOpen={isOpen} onOpenChange={setOpen} />
    </>
  )
}
