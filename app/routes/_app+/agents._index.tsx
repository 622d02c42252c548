import type { MetaFunction } from '@remix-run/node'
import { useSearchParams } from '@remix-run/react'
import { Plus } from 'lucide-react'
import { AgentList } from '../../components/agents/agent-list.tsx'
import { CreateAgentDialog } from '../../components/agents/create-agent-dialog.tsx'
import { Button } from '../../components/ui/button.tsx'
import { PageHeader } from '../../components/ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Agents · Agentbot' }]

export default function AgentsPage() {
  // In the address, so that a link can open the dialog and Back closes it.
  const [params, setParams] = useSearchParams()
  const setOpen = (isOpen: boolean) => setParams(isOpen ? { new: '1' } : {}, { preventScrollReset: true })
  return (
    <>
      <PageHeader
        title="Agents"
        actions={
          <Button look="primary" onClick={() => setOpen(true)}>
            <Plus size={16} aria-hidden /> New agent
          </Button>
        }
      />
      <AgentList onCreate={() => setOpen(true)} />
      <CreateAgentDialog isOpen={params.has('new')} onOpenChange={setOpen} />
    </>
  )
}
