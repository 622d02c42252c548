import type { MetaFunction } from '@remix-run/node'
import { useSearchParams } from '@remix-run/react'
import { Plus } from 'lucide-react'
import { AgentList } from '../../features/agents/definitions/agent-list.tsx'
import { BudgetBanner } from '../../features/money/budgets/budget-banner.tsx'
import { CreateAgentDialog } from '../../features/agents/definitions/create-agent-dialog.tsx'
import { useMay } from '../../workspace/workspace.ts'
import { Button } from '../../ui/button.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Agents · Agentbot' }]

export default function AgentsPage() {
  const mayCreate = useMay('agents:write')
  // In the address, so that a link can open the dialog and Back closes it.
  const [params, setParams] = useSearchParams()
  const setOpen = (isOpen: boolean) => setParams(isOpen ? { new: '1' } : {}, { preventScrollReset: true })
  return (
    <>
      <PageHeader
        title="Agents"
        actions={
          mayCreate && (
            <Button look="primary" onClick={() => setOpen(true)}>
              <Plus size={16} aria-hidden /> New agent
            </Button>
          )
        }
      />
      <BudgetBanner />
      <AgentList onCreate={() => setOpen(true)} />
      <CreateAgentDialog isOpen={mayCreate && params.has('new')} onOpenChange={setOpen} />
    </>
  )
}
