import { useRevalidator } from '@remix-run/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { UpdateProfile, type Profile } from '../../../../server/identity/accounts/accounts.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { useHasPassword } from './use-has-password.ts'

export function ProfileForm({ profile }: { profile: Profile }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { revalidate } = useRevalidator()
  const form = useContractForm(UpdateProfile, { defaultValues: { name: profile.name ?? '', email: profile.email ?? undefined } })
  const { errors, isDirty } = form.formState
  // Of who has none, a sign-in of a moment ago is the proof.
  const needsPassword = useHasPassword() && (form.watch('email') ?? '') !== (profile.email ?? '')
  const save = useMutation(
    trpc.accounts.updateProfile.mutationOptions({
      onSuccess: (saved) => {
        queries.setQueryData(trpc.accounts.profile.queryKey(), saved)
        form.reset({ name: saved.name ?? '', email: saved.email ?? undefined })
        // The header shows the name too.
        revalidate()
        toast.success('Your profile is saved.')
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form noValidate className="grid gap-4" onSubmit={form.handleSubmit((input) => save.mutate(input))}>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="Name" autoComplete="name" error={problem(errors.name)} {...form.register('name')} />
        <TextField
          label="Email"
          type="email"
          autoComplete="email"
          error={problem(errors.email)}
          {...form.register('email', { setValueAs: (text: string) => (text === '' && profile.email === null ? undefined : text) })}
        />
      </div>
      {needsPassword && (
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          hint="Needed for a new email."
          error={problem(errors.currentPassword)}
          {...form.register('currentPassword', { shouldUnregister: true })}
        />
      )}
      {save.isError && Object.keys(errors).length === 0 && <ErrorNotice error={save.error} />}
      <Button type="submit" look="primary" className="justify-self-start" isBusy={save.isPending} disabled={!isDirty}>
        Save
      </Button>
    </form>
  )
}
