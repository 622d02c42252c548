import type { MetaFunction } from '@remix-run/node'
import { WorkspacePanels } from '../../features/identity/workspaces/workspace-panels.tsx'
import { useWorkspaces } from '../../workspace/workspace.ts'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Workspace · Agentbot' }]

export default function WorkspacePage() {
  const { workspace } = useWorkspaces()
  return (
    <>
      <PageHeader title={workspace.name}>
        {workspace.kind === 'personal'
          ? 'Your personal workspace.'
          : `A team of ${workspace.memberCount}; you are ${workspace.role} of it.`}
      </PageHeader>
      <WorkspacePanels key={workspace.id + workspace.kind} />
    </>
  )
}
