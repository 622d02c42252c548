import { Link, useLocation, useNavigate, useSearchParams } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { SecondFactorCode } from '../../../../server/identity/second-factor/second-factor.contract.ts'
import { describeError } from '../../../trpc/errors.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { nextPath } from './next-path.ts'

/** The second step of a sign-in. What the first one gave is behind the `#` of the address. */
export function CodeForm() {
  const trpc = useTRPC()
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const ticket = useLocation().hash.slice(1)
  const form = useContractForm(SecondFactorCode, { defaultValues: { code: '' } })
  const { errors } = form.formState
  const complete = useMutation(
    trpc.secondFactor.complete.mutationOptions({
      onSuccess: () => navigate(nextPath(params.get('next')), { replace: true }),
      onError: (error) => {
        form.resetField('code')
        showFieldProblems(form, error)
        form.setFocus('code')
      },
    }),
  )
  const isOver = complete.isError && describeError(complete.error).code === 'SIGN_IN_EXPIRED'
  return (
    <form noValidate method="post" className="grid gap-4" onSubmit={form.handleSubmit(({ code }) => complete.mutate({ ticket, code }))}>
      {complete.isError && Object.keys(errors).length === 0 && <ErrorNotice error={complete.error} />}
      <TextField
        label="Code"
        inputMode="text"
        autoComplete="one-time-code"
        autoCapitalize="characters"
        spellCheck={false}
        autoFocus
        hint="The 6 digits your authenticator app shows, or one of your recovery codes."
        error={problem(errors.code)}
        {...form.register('code')}
      />
      <Button type="submit" look="primary" isBusy={complete.isPending || complete.isSuccess} disabled={isOver}>
        Sign in
      </Button>
      <p className="text-center text-sm text-muted">
        <Link to="/login" className="font-medium text-ink underline underline-offset-4">
          Start again
        </Link>
      </p>
    </form>
  )
}
