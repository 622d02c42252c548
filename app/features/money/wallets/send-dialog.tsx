import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { toast } from 'sonner'
import { SendUsdc } from '../../../../server/money/wallets/sends.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice, Notice, Skeleton } from '../../../ui/notice.tsx'
import { shortEther } from './short-ether.ts'

interface SendDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

/** Asks whom to send how much, then shows what it costs, then sends it. */
export function SendDialog({ isOpen, onOpenChange }: SendDialogProps) {
  const [wish, setWish] = useState<SendUsdc | null>(null)
  const setOpen = (isOpen: boolean) => {
    if (!isOpen) setWish(null)
    onOpenChange(isOpen)
  }
  return (
    <Dialog isOpen={isOpen} onOpenChange={setOpen} title={wish ? 'Send it?' : 'Send USDC'} description="A payment cannot be taken back.">
      {wish ? (
        <ConfirmSend wish={wish} onBack={() => setWish(null)} onDone={() => setOpen(false)} />
      ) : (
        <SendForm onNext={setWish} onCancel={() => setOpen(false)} />
      )}
    </Dialog>
  )
}

function SendForm({ onNext, onCancel }: { onNext(wish: SendUsdc): void; onCancel(): void }) {
  const form = useContractForm(SendUsdc, { defaultValues: { to: '', amount: '' } })
  const { errors } = form.formState
  return (
    <form noValidate className="grid gap-5" onSubmit={form.handleSubmit(onNext)}>
      <TextField label="To" autoComplete="off" placeholder="0x…" error={problem(errors.to)} {...form.register('to')} />
      <TextField
        label="USDC"
        autoComplete="off"
        inputMode="decimal"
        placeholder="12.50"
        error={problem(errors.amount)}
        {...form.register('amount')}
      />
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary">
          Continue
        </Button>
      </DialogActions>
    </form>
  )
}

function ConfirmSend({ wish, onBack, onDone }: { wish: SendUsdc; onBack(): void; onDone(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const preview = useQuery(trpc.wallet.previewSend.queryOptions(wish, { gcTime: 0 }))
  const send = useMutation(
    trpc.wallet.send.mutationOptions({
      onSuccess: async ({ state }) => {
        await queries.invalidateQueries(trpc.wallet.pathFilter())
        toast.success(state === 'waiting' ? 'An owner is asked.' : 'It is on its way.')
        onDone()
      },
    }),
  )
  const isSending = useRef(false)
  const { data, isError, error } = preview
  if (isError) return <ErrorNotice error={error} onRetry={() => void preview.refetch()} />
  if (!data) return <Skeleton className="h-40" />
  return (
    <div className="grid gap-5">
      <dl className="grid gap-2 text-sm">
        <Fact name="To" value={data.to} />
        <Fact name="Amount" value={`${data.amount} USDC of ${data.balance}`} />
        <Fact
          name="Fee of the chain"
          value={data.maxFeeEth === null ? 'unknown' : `${shortEther(data.maxFeeEth)} ETH at most, of ${shortEther(data.gasBalanceEth)}`}
        />
      </dl>
      {data.needsApproval && <Notice tone="warn">An owner is asked first. {data.needsApproval}</Notice>}
      {data.problem && <Notice tone="danger">{data.problem}</Notice>}
      {send.isError && <ErrorNotice error={send.error} />}
      <DialogActions>
        <Button onClick={onBack}>Back</Button>
        <Button
          look="primary"
          isBusy={send.isPending}
          disabled={data.problem !== null}
          onClick={() => {
            // The second click of a double click may come before the button is drawn as busy.
            if (isSending.current) return
            isSending.current = true
            send.mutate(wish, { onSettled: () => void (isSending.current = false) })
          }}
        >
          {data.needsApproval ? 'Ask an owner' : 'Send'}
        </Button>
      </DialogActions>
    </div>
  )
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div className="grid gap-0.5">
    <dt className="text-muted">{name}</dt>
    <dd className="font-medium [overflow-wrap:anywhere]">{value}</dd>
  </div>
)
