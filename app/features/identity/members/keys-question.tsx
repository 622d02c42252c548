import { TRPCClientError } from '@trpc/client'
import type { KeysDecision } from '../../../../server/identity/members/members.contract.ts'
import { describeError } from '../../../trpc/errors.ts'

interface NamedKey {
  id: string
  name: string
  keyPreview: string
}

/** The keys a change of members has to be told about; undefined for any other failure. */
export function keysToDecide(error: unknown): NamedKey[] | undefined {
  if (!(error instanceof TRPCClientError) || describeError(error).code !== 'KEYS_NEED_DECISION') return undefined
  const { details } = error.data as { details: { keys: NamedKey[] } }
  return details.keys
}

interface KeysQuestionProps {
  keys: readonly NamedKey[]
  /** How the person is called in the question. */
  who: string
  decision: KeysDecision
  onDecide(decision: KeysDecision): void
}

const answers = [
  { value: 'keep', text: 'Keep them: whatever uses them goes on working' },
  { value: 'delete', text: 'Delete them: whatever uses them is refused from then on' },
] as const

/** Keys belong to the workspace, so somebody has to say what becomes of those a person made. */
export const KeysQuestion = ({ keys, who, decision, onDecide }: KeysQuestionProps) => (
  <fieldset className="grid gap-2 rounded-xl bg-sunken p-4 text-sm">
    <legend className="sr-only">API keys</legend>
    <p>
      {who} made {keys.length === 1 ? 'an API key' : `${keys.length} API keys`} of this workspace:
    </p>
    <ul className="max-h-40 overflow-y-auto">
      {keys.map(({ id, name, keyPreview }) => (
        <li key={id} className="[overflow-wrap:anywhere]">
          <span className="font-medium">{name}</span> <span className="font-mono text-xs text-muted">{keyPreview}</span>
        </li>
      ))}
    </ul>
    {answers.map(({ value, text }) => (
      <label key={value} className="flex min-h-9 items-center gap-2.5">
        <input
          type="radio"
          name="keys"
          className="size-4.5 shrink-0 accent-ink"
          checked={decision === value}
          onChange={() => onDecide(value)}
        />
        {text}
      </label>
    ))}
  </fieldset>
)
