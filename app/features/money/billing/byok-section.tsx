import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'
import { useMay } from '../../../workspace/workspace.ts'

const providers = [
  ['openrouter', 'OpenRouter'],
  ['openai', 'OpenAI'],
  ['anthropic', 'Anthropic'],
  ['google', 'Google'],
  ['groq', 'Groq'],
] as const

type Provider = (typeof providers)[number][0]

/** Keys of one's own at providers: calls on them cost nothing here. */
export function ByokSection() {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const mayChange = useMay('account:write')
  const keys = useQuery(trpc.ai.providerKeys.queryOptions())
  const refresh = () =>
    Promise.all([queries.invalidateQueries(trpc.ai.providerKeys.pathFilter()), queries.invalidateQueries(trpc.billing.pathFilter())])
  const remove = useMutation(trpc.billing.disableByok.mutationOptions({ onSuccess: refresh }))
  if (!keys.data) return keys.isError ? <ErrorNotice error={keys.error} onRetry={() => void keys.refetch()} /> : <SkeletonList rows={1} />
  return (
    <Section
      title="Your own keys"
      about="With a key of yours at a provider, calls of its models go out on it: they cost nothing here, and your plan does not limit them. Keys are stored encrypted and never shown."
    >
      <div className="grid gap-4">
        {keys.data.length > 0 && (
          <ul className="grid gap-2 text-sm">
            {keys.data.map(({ provider, updatedAt }) => (
              <li key={provider} className="rounded-lg bg-sunken px-4 py-3">
                {providers.find(([name]) => name === provider)?.[1]}{' '}
                <span className="text-muted">
                  · set <Time at={updatedAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
        {mayChange && <KeyForm onSaved={refresh} />}
        {mayChange && keys.data.length > 0 && (
          <Button className="justify-self-start" isBusy={remove.isPending} onClick={() => remove.mutate({})}>
            Remove all keys
          </Button>
        )}
        {remove.isError && <ErrorNotice error={remove.error} />}
      </div>
    </Section>
  )
}

function KeyForm({ onSaved }: { onSaved(): Promise<unknown> }) {
  const trpc = useTRPC()
  const [provider, setProvider] = useState<Provider>('openrouter')
  const [apiKey, setKey] = useState('')
  const save = useMutation(
    trpc.billing.enableByok.mutationOptions({
      onSuccess: () => {
        setKey('')
        return onSaved()
      },
    }),
  )
  return (
    <form
      className="grid items-end gap-3 sm:grid-cols-[12rem_1fr_auto]"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({ provider, apiKey })
      }}
    >
      <SelectField label="Provider" value={provider} onChange={(event) => setProvider(event.target.value as Provider)}>
        {providers.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField label="Key" type="password" autoComplete="off" required value={apiKey} onChange={(event) => setKey(event.target.value)} />
      <Button type="submit" isBusy={save.isPending}>
        Use this key
      </Button>
      {save.isError && (
        <div className="sm:col-span-3">
          <ErrorNotice error={save.error} />
        </div>
      )}
      {save.isSuccess && (
        <p role="status" className="text-sm sm:col-span-3">
          {save.data.message}
        </p>
      )}
    </form>
  )
}
