import { Link } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { ResetPassword } from '../../../../server/identity/mailbox/mailbox.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { useLinkToken } from './use-link-token.ts'

const NewPassword = ResetPassword.pick({ password: true })

export function ResetPasswordForm() {
  const trpc = useTRPC()
  const token = useLinkToken()
  const form = useContractForm(NewPassword, { defaultValues: { password: '' } })
  const reset = useMutation(trpc.mailbox.resetPassword.mutationOptions())
  if (reset.isSuccess) {
    return (
      <>
        <Notice>
          <p role="status">{reset.data.message} You are signed out everywhere.</p>
        </Notice>
        <SignInLink />
      </>
    )
  }
  if (token === '') {
    return (
      <Notice tone="warn">
        This page is opened by the link in a mail.{' '}
        <Link to="/forgot-password" className="font-medium underline underline-offset-4">
          Have one sent
        </Link>
      </Notice>
    )
  }
  return (
    <form
      noValidate
      method="post"
      className="grid gap-4"
      onSubmit={form.handleSubmit(({ password }) => reset.mutate({ token: token ?? '', password }))}
    >
      {reset.isError && (
        <>
          <ErrorNotice error={reset.error} />
          <Link to="/forgot-password" className="text-sm font-medium underline underline-offset-4">
            Have another link sent
          </Link>
        </>
      )}
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        autoFocus
        hint="8 characters or more. You are signed out everywhere."
        error={problem(form.formState.errors.password)}
        {...form.register('password')}
      />
      <Button type="submit" look="primary" isBusy={reset.isPending} disabled={token === undefined}>
        Set the password
      </Button>
    </form>
  )
}

const SignInLink = () => (
  <Link to="/login" className="text-center text-sm font-medium underline underline-offset-4">
    Sign in
  </Link>
)
