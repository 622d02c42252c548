import { useMutation } from '@tanstack/react-query'
import { toast } from 'sonner'
import { ChangePassword } from '../../../../server/identity/accounts/accounts.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { useHasPassword } from './use-has-password.ts'

/** @param email Where a forgotten password is reset. */
export function PasswordForm({ email }: { email: string | null }) {
  if (useHasPassword()) return <ChangeForm email={email} />
  return (
    <p className="text-sm text-muted">
      You have none. {email === null ? 'With an email in your profile you' : 'You'} can set one by “Forgot password” at sign-in.
    </p>
  )
}

function ChangeForm({ email }: { email: string | null }) {
  const trpc = useTRPC()
  const form = useContractForm(ChangePassword, { defaultValues: { currentPassword: '', newPassword: '' } })
  const { errors } = form.formState
  const change = useMutation(
    trpc.accounts.changePassword.mutationOptions({
      onSuccess: () => {
        form.reset()
        toast.success('Your password is changed.')
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form noValidate method="post" className="grid gap-4" onSubmit={form.handleSubmit((input) => change.mutate(input))}>
      {/* Tells password managers whose password this is. */}
      <input type="email" autoComplete="username" value={email ?? ''} readOnly hidden />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          error={problem(errors.currentPassword)}
          {...form.register('currentPassword')}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="8 characters or more."
          error={problem(errors.newPassword)}
          {...form.register('newPassword')}
        />
      </div>
      {change.isError && Object.keys(errors).length === 0 && <ErrorNotice error={change.error} />}
      <Button type="submit" className="justify-self-start" isBusy={change.isPending}>
        Change password
      </Button>
    </form>
  )
}
