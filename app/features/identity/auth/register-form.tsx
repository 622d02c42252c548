import { Link, useNavigate, useSearchParams } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { Register } from '../../../../server/identity/accounts/accounts.contract.ts'
import { useTRPCClient } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { useProof } from './proof/use-proof.ts'
import { pathIn } from '../../../workspace/workspace.ts'
import { useNext } from './use-next.ts'

type Signups = 'open' | 'invite' | 'closed'

export function RegisterForm({ signups }: { signups: Signups }) {
  const client = useTRPCClient()
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const { path, hash, invitation } = useNext()
  const proof = useProof('register')
  const form = useContractForm(Register, {
    defaultValues: { email: '', password: '', name: '', referralCode: params.get('ref') ?? '', website: '' },
  })
  const { errors } = form.formState
  const register = useMutation({
    mutationFn: async (input: Register) => {
      // Who comes by an invitation is a member at once, and it is used up.
      const invitedTo = invitation === undefined ? undefined : (await client.invitations.look.mutate({ token: invitation })).workspace
      await client.accounts.register.mutate({ ...input, invitation, proof: await proof.take() })
      await client.accounts.signIn.mutate({ email: input.email, password: input.password })
      return invitedTo ? pathIn(invitedTo.id, '/agents') : path
    },
    onSuccess: (next) => navigate(next, { replace: true }),
    onError: (error) => void showFieldProblems(form, error),
  })
  if (signups === 'closed') return <Notice tone="warn">This server takes no new accounts. Ask whoever runs it.</Notice>

  const hasFieldProblem = Object.keys(errors).length > 0
  return (
    <form noValidate method="post" className="grid gap-4" onSubmit={form.handleSubmit((input) => register.mutate(input))}>
      {register.isError && !hasFieldProblem && <ErrorNotice error={register.error} />}
      {invitation !== undefined && <Notice>You come by an invitation: use the address it was sent to.</Notice>}
      {signups === 'invite' && invitation === undefined && (
        <Notice>New accounts are by invitation: you need the referral code of somebody who has one.</Notice>
      )}
      <TextField
        label="Email"
        type="email"
        autoComplete="username"
        autoFocus
        error={problem(errors.email)}
        onFocus={proof.prepare}
        {...form.register('email')}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        hint="8 characters or more."
        error={problem(errors.password)}
        onFocus={proof.prepare}
        {...form.register('password')}
      />
      <TextField label="Name (optional)" autoComplete="name" error={problem(errors.name)} {...form.register('name')} />
      <TextField
        label={signups === 'invite' && invitation === undefined ? 'Referral code' : 'Referral code (optional)'}
        autoComplete="off"
        error={problem(errors.referralCode)}
        {...form.register('referralCode')}
      />
      {/* People never see this field, so only a bot fills it in. */}
      <div aria-hidden className="absolute -left-[200vw] h-px w-px overflow-hidden">
        <input type="text" tabIndex={-1} autoComplete="off" {...form.register('website')} />
      </div>
      <Button type="submit" look="primary" isBusy={register.isPending || register.isSuccess}>
        Create account
      </Button>
      <p className="text-center text-sm text-muted">
        Have an account?{' '}
        <Link to={{ pathname: '/login', search: params.toString(), hash }} className="font-medium text-ink underline underline-offset-4">
          Sign in
        </Link>
      </p>
    </form>
  )
}
