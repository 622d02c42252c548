import { z } from 'zod'
import { MemoryKey } from '../../../../server/agents/memory/memory.contract.ts'
import { Button } from '../../../ui/button.tsx'
import { TextArea, TextField } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { fromText } from './memory-text.ts'
import { useMemoryOf } from './use-memory.ts'

interface AddMemoryProps {
  agentId: string
  /** Keys there are: adding must not overwrite one by accident. */
  taken: string[]
  onClose(): void
}

export function AddMemory({ agentId, taken, onClose }: AddMemoryProps) {
  const { store } = useMemoryOf(agentId)
  const schema = z.object({ key: MemoryKey.refine((key) => !taken.includes(key), 'this key is taken; edit it below'), text: z.string() })
  const form = useContractForm(schema, { defaultValues: { key: '', text: '' } })
  const { errors } = form.formState
  return (
    <form
      noValidate
      aria-label="Add a value"
      className="grid gap-4 rounded-xl border border-line bg-surface p-4 sm:p-5"
      onSubmit={form.handleSubmit(({ key, text }) => store.mutate({ agentId, values: { [key]: fromText(text) } }, { onSuccess: onClose }))}
    >
      <TextField label="Key" autoFocus autoComplete="off" error={problem(errors.key)} {...form.register('key')} />
      <TextArea label="Value" rows={2} hint="Text, or JSON." error={problem(errors.text)} {...form.register('text')} />
      {store.isError && <ErrorNotice error={store.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={store.isPending}>
          Add
        </Button>
      </div>
    </form>
  )
}
