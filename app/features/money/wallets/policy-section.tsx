import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import type { WalletPolicy } from '../../../../server/money/wallets/sends.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { useMay } from '../../../workspace/workspace.ts'
import { PolicyDialog } from './policy-dialog.tsx'

/** What may be sent without an owner being asked. */
export function PolicySection() {
  const trpc = useTRPC()
  const maySet = useMay('workspace:own')
  const [isOpen, setOpen] = useState(false)
  const { data, error, isError, refetch } = useQuery(trpc.wallet.policies.queryOptions())
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList className="h-16" />
  return (
    <Section title="Spending policies" about="What goes beyond them waits for an owner. An agent spends nothing that no policy allows.">
      <div className="grid gap-4">
        {data.length > 0 && (
          <ul className="divide-y divide-line">
            {data.map((policy) => (
              <PolicyRow key={policy.id} policy={policy} />
            ))}
          </ul>
        )}
        {maySet && (
          <div>
            <Button onClick={() => setOpen(true)}>Set a policy</Button>
          </div>
        )}
      </div>
      <PolicyDialog isOpen={isOpen} onOpenChange={setOpen} />
    </Section>
  )
}

function factsOf({ perTransfer, perDay, approvalAbove, allowedRecipients, spentToday }: WalletPolicy): string[] {
  return [
    ...(perTransfer === null ? [] : [`${perTransfer} USDC at once`]),
    ...(perDay === null ? [] : [`${perDay} USDC a day, of which ${spentToday} are spent`]),
    ...(approvalAbove === null ? [] : [`an owner approves more than ${approvalAbove} USDC`]),
    ...(allowedRecipients === null ? [] : [`only to ${allowedRecipients.join(', ') || 'nobody'}`]),
  ]
}

function PolicyRow({ policy }: { policy: WalletPolicy }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const maySet = useMay('workspace:own')
  const remove = useMutation(
    trpc.wallet.removePolicy.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.wallet.policies.queryFilter())
        toast.success('The policy is removed.')
      },
    }),
  )
  const facts = factsOf(policy)
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 py-3">
      <div className="grid min-w-0 gap-1">
        <p className="font-medium">{policy.agentId ?? 'Everybody in the workspace'}</p>
        <p className="text-sm text-muted [overflow-wrap:anywhere]">{facts.length === 0 ? 'No limit' : facts.join(' · ')}</p>
        {remove.isError && <ErrorNotice error={remove.error} />}
      </div>
      {maySet && (
        <Button look="quiet" isBusy={remove.isPending} onClick={() => remove.mutate({ policyId: policy.id })}>
          Remove
        </Button>
      )}
    </li>
  )
}
