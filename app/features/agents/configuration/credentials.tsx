import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { CredentialRow } from './credential-row.tsx'

/** Those that this version uses. Others that are stored are listed, so that they can be removed. */
const PROVIDERS = { openrouter: 'OpenRouter', openai: 'OpenAI', anthropic: 'Anthropic', google: 'Google' } as const
const CHANNELS = ['telegram', 'discord', 'whatsapp'] as const

export function Credentials({ agentId }: { agentId: string }) {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.agents.credentials.queryOptions({ agentId }))
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={4} className="h-10" />
  const others = [...CHANNELS.filter((name) => data[name]), ...data.others]
  return (
    <ul className="divide-y divide-line">
      {Object.entries(PROVIDERS).map(([key, name]) => (
        <CredentialRow key={key} agentId={agentId} credential={key} name={name} isStored={data[key as keyof typeof PROVIDERS]} />
      ))}
      {others.map((key) => (
        <CredentialRow key={key} agentId={agentId} credential={key} name={key} isStored />
      ))}
    </ul>
  )
}
