import type { AgentConfig } from '../../../../server/agents/definitions/agents.contract.ts'
import { Button } from '../../../ui/button.tsx'
import { TextArea } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { changeOfOtherKeys, otherKeysOf, OtherKeys, readObject } from './config-values.ts'
import { useSaveConfig } from './use-save-config.ts'

const textOf = (config: AgentConfig) => JSON.stringify(otherKeysOf(config), null, 2)

export function AdvancedForm({ agentId, config }: { agentId: string; config: AgentConfig }) {
  const form = useContractForm(OtherKeys, { defaultValues: { json: textOf(config) } })
  const { errors, isDirty } = form.formState
  const save = useSaveConfig(agentId)
  const submit = form.handleSubmit(({ json }) =>
    save.mutate(
      { agentId, config: changeOfOtherKeys(otherKeysOf(config), readObject(json) ?? {}) },
      { onSuccess: (saved) => form.reset({ json: textOf(saved) }) },
    ),
  )
  return (
    <form noValidate className="grid gap-4" onSubmit={submit}>
      <TextArea label="Other keys" rows={6} isCode error={problem(errors.json)} {...form.register('json')} />
      {save.isError && <ErrorNotice error={save.error} />}
      <Button type="submit" className="justify-self-start" isBusy={save.isPending} disabled={!isDirty}>
        Save JSON
      </Button>
    </form>
  )
}
