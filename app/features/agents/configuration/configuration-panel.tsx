import { useQuery } from '@tanstack/react-query'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { useOpenAgent } from '../definitions/agent-context.ts'
import { ErrorNotice, Notice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { AdvancedForm } from './advanced-form.tsx'
import { ConfigForm } from './config-form.tsx'
import { Credentials } from './credentials.tsx'

export function ConfigurationPanel() {
  const agent = useOpenAgent()
  const trpc = useTRPC()
  const mayChange = useMay('agents:write')
  // Forms begin with what is stored now, and nothing changes under the hands of whoever fills them in.
  const config = useQuery(trpc.agents.config.queryOptions({ agentId: agent.id }, { gcTime: 0, staleTime: Infinity }))
  if (!config.data) {
    return config.isError ? (
      <ErrorNotice error={config.error} onRetry={() => void config.refetch()} />
    ) : (
      <SkeletonList rows={2} className="h-60" />
    )
  }
  return (
    // What is disabled as a whole is still read as what it is.
    <fieldset disabled={!mayChange} className="grid min-w-0 gap-5">
      {!mayChange && <Notice>As a viewer of this workspace you see how the agent is set up, and change nothing.</Notice>}
      <Section title="Behaviour" about="The next answer uses what you save.">
        <ConfigForm agent={agent} config={config.data} />
      </Section>
      <Section
        title="Model keys"
        about="A key of the agent’s own is used instead of the key of this server, and offers its provider’s models. Keys are encrypted and never shown again."
      >
        <Credentials agentId={agent.id} />
      </Section>
      <Section title="Advanced (JSON)" about="All other keys of the configuration. Secrets inside are kept, but not shown.">
        <AdvancedForm agentId={agent.id} config={config.data} />
      </Section>
    </fieldset>
  )
}
