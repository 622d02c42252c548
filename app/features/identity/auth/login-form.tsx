import { Link, useNavigate, useSearchParams } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { SignIn } from '../../../../server/identity/accounts/accounts.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { nextPath } from './next-path.ts'
import { secondStepOf } from './second-step.ts'
import { useNext } from './use-next.ts'

export function LoginForm() {
  const trpc = useTRPC()
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const next = useNext()
  const form = useContractForm(SignIn, { defaultValues: { email: '', password: '' } })
  const { errors } = form.formState
  const signIn = useMutation(
    trpc.accounts.signIn.mutationOptions({
      onSuccess: () => navigate(next.path, { replace: true }),
      onError: (error) => {
        const secondStep = secondStepOf(error, nextPath(params.get('next')))
        if (secondStep) return navigate(secondStep)
        form.resetField('password')
        form.setFocus('password')
      },
    }),
  )
  return (
    <form noValidate method="post" className="grid gap-4" onSubmit={form.handleSubmit((input) => signIn.mutate(input))}>
      {signIn.isError && !secondStepOf(signIn.error, '/') && <ErrorNotice error={signIn.error} />}
      <TextField
        label="Email"
        type="email"
        autoComplete="username webauthn"
        autoFocus
        error={problem(errors.email)}
        {...form.register('email')}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        error={problem(errors.password)}
        {...form.register('password')}
      />
      <Button type="submit" look="primary" isBusy={signIn.isPending || signIn.isSuccess}>
        Sign in
      </Button>
      <p className="text-center text-sm">
        <Link to="/forgot-password" className="font-medium underline underline-offset-4">
          Forgotten your password?
        </Link>
      </p>
      <p className="text-center text-sm text-muted">
        No account yet?{' '}
        <Link
          to={{ pathname: '/register', search: params.toString(), hash: next.hash }}
          className="font-medium text-ink underline underline-offset-4"
        >
          Create one
        </Link>
      </p>
    </form>
  )
}
