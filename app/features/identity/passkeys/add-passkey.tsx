import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { toast } from 'sonner'
import { useTRPC, useTRPCClient } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { isDismissal, isMadeAlready, makePasskey } from './browser-passkeys.ts'
import { labelForDevice } from './device-label.ts'

/** Has the browser make a passkey. It can be named later: most people have one for a device, and know which. */
export function AddPasskey() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const add = useMutation({
    mutationFn: async () => {
      const { options, challenge } = await client.passkeys.startRegistration.mutate({})
      return client.passkeys.register.mutate({
        credential: await makePasskey(options),
        challenge,
        label: labelForDevice(navigator.userAgent),
      })
    },
    onSuccess: async () => {
      await queries.invalidateQueries(trpc.passkeys.list.pathFilter())
      toast.success('The passkey signs you in from now on.')
    },
  })
  return (
    <div className="grid justify-items-start gap-3">
      <Button onClick={() => add.mutate()} isBusy={add.isPending}>
        <Plus size={16} aria-hidden /> Add a passkey
      </Button>
      {isMadeAlready(add.error) && <Notice>This device has a passkey for your account already.</Notice>}
      {add.isError && !isMadeAlready(add.error) && !isDismissal(add.error) && <ErrorNotice error={add.error} />}
    </div>
  )
}
