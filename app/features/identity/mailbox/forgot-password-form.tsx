import { Link } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { ForgotPassword } from '../../../../server/identity/mailbox/mailbox.contract.ts'
import { useTRPCClient } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { useProof } from '../auth/proof/use-proof.ts'

export function ForgotPasswordForm() {
  const client = useTRPCClient()
  const proof = useProof('forgot-password')
  const form = useContractForm(ForgotPassword, { defaultValues: { email: '' } })
  const ask = useMutation({
    mutationFn: async (input: ForgotPassword) => client.mailbox.forgotPassword.mutate({ ...input, proof: await proof.take() }),
  })
  if (ask.isSuccess) {
    return (
      <Notice>
        <div role="status" className="grid gap-2">
          <p className="font-medium">{ask.data.message}</p>
          <p className="text-muted">The link in the mail works once, for an hour. Look among the spam as well.</p>
        </div>
      </Notice>
    )
  }
  return (
    <form noValidate method="post" className="grid gap-4" onSubmit={form.handleSubmit((input) => ask.mutate(input))}>
      <p className="text-sm text-muted">A link to choose another one is sent to the address of your account.</p>
      {ask.isError && <ErrorNotice error={ask.error} />}
      <TextField
        label="Email"
        type="email"
        autoComplete="username"
        autoFocus
        error={problem(form.formState.errors.email)}
        onFocus={proof.prepare}
        {...form.register('email')}
      />
      <Button type="submit" look="primary" isBusy={ask.isPending}>
        Send the link
      </Button>
      <p className="text-center text-sm text-muted">
        <Link to="/login" className="font-medium text-ink underline underline-offset-4">
          Back to signing in
        </Link>
      </p>
    </form>
  )
}
