import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { Checkbox, TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { AddressFields } from './address-fields.tsx'
import { KeyValues, scopeGroups, toCommand } from './key-values.ts'
import { NewKey } from './new-key.tsx'

interface CreateKeyDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export function CreateKeyDialog({ isOpen, onOpenChange }: CreateKeyDialogProps) {
  const [key, setKey] = useState<string | null>(null)
  const setOpen = (isOpen: boolean) => {
    if (!isOpen) setKey(null)
    onOpenChange(isOpen)
  }
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={setOpen}
      title={key ? 'Your new key' : 'New API key'}
      // The key is never shown again, so a stray click must not close it.
      canDismiss={key === null}
    >
      {key ? <NewKey value={key} onDone={() => setOpen(false)} /> : <CreateKeyForm onCreated={setKey} onCancel={() => setOpen(false)} />}
    </Dialog>
  )
}

function CreateKeyForm({ onCreated, onCancel }: { onCreated(key: string): void; onCancel(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const form = useContractForm(KeyValues, {
    defaultValues: { name: '', reach: 'all', scopes: [], expiresOn: '', rateLimit: '', allowedAddresses: '', isUsedElsewhere: false },
  })
  const { errors } = form.formState
  const create = useMutation(
    trpc.keys.create.mutationOptions({
      onSuccess: ({ key }) => {
        void queries.invalidateQueries(trpc.keys.pathFilter())
        onCreated(key)
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  const isLimited = form.watch('reach') === 'some'
  return (
    <form noValidate className="grid gap-5" onSubmit={form.handleSubmit((values) => create.mutate(toCommand(values)))}>
      <TextField
        label="Name"
        autoComplete="off"
        maxLength={64}
        hint="What will use it."
        error={problem(errors.name)}
        {...form.register('name')}
      />
      <fieldset className="grid gap-1">
        <legend className="mb-1 text-sm font-medium">What it may do</legend>
        <label className="flex min-h-9 items-center gap-2.5 text-sm">
          <input type="radio" value="all" className="size-4.5 accent-ink" {...form.register('reach')} /> Everything a key can
        </label>
        <label className="flex min-h-9 items-center gap-2.5 text-sm">
          <input type="radio" value="some" className="size-4.5 accent-ink" {...form.register('reach')} /> Only some of it
        </label>
      </fieldset>
      {isLimited && (
        <fieldset className="grid gap-3 rounded-xl bg-sunken p-4" aria-describedby={errors.scopes && 'scopes-problem'}>
          <legend className="sr-only">Scopes</legend>
          {scopeGroups.map(({ name, about, area, scopes }) => (
            <div key={area} role="group" aria-label={name} className="flex flex-wrap items-center justify-between gap-x-4">
              <p className="text-sm">
                <span className="font-medium">{name}</span> <span className="text-muted">{about}</span>
              </p>
              <div className="flex gap-4">
                {scopes.map((scope) => (
                  <Checkbox key={scope} value={scope} label={scope.split(':')[1]} aria-label={scope} {...form.register('scopes')} />
                ))}
              </div>
            </div>
          ))}
          {errors.scopes && (
            <p id="scopes-problem" className="text-sm font-medium text-danger">
              {problem(errors.scopes)}
            </p>
          )}
        </fieldset>
      )}
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField label="Expires after (optional)" type="date" error={problem(errors.expiresOn)} {...form.register('expiresOn')} />
        <TextField
          label="Calls per minute (optional)"
          inputMode="numeric"
          placeholder="No limit of its own"
          error={problem(errors.rateLimit)}
          {...form.register('rateLimit')}
        />
      </div>
      <AddressFields
        addresses={form.register('allowedAddresses')}
        isElsewhere={form.register('isUsedElsewhere')}
        error={problem(errors.allowedAddresses)}
      />
      {create.isError && Object.keys(errors).length === 0 && <ErrorNotice error={create.error} />}
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Create key
        </Button>
      </DialogActions>
    </form>
  )
}
