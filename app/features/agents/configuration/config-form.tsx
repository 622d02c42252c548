import { Controller } from 'react-hook-form'
import type { AgentConfig, AgentDetail } from '../../../../server/agents/definitions/agents.contract.ts'
import { LOCAL_COMMANDS } from '../definitions/model-select.tsx'
import { useCapabilities } from '../definitions/use-agents.ts'
import { Button } from '../../../ui/button.tsx'
import { Checkbox, TextArea, TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Switch } from '../../../ui/switch.tsx'
import { ConfigValues, toChange, TOOLS, toValues } from './config-values.ts'
import { useSaveConfig } from './use-save-config.ts'

export function ConfigForm({ agent, config }: { agent: AgentDetail; config: AgentConfig }) {
  const models = useCapabilities().data?.models ?? []
  const form = useContractForm(ConfigValues, { defaultValues: toValues(config, agent) })
  const { errors, dirtyFields, isDirty } = form.formState
  const save = useSaveConfig(agent.id)
  const submit = form.handleSubmit((values) =>
    save.mutate(
      { agentId: agent.id, config: toChange(values, Object.keys(dirtyFields)) },
      { onSuccess: (saved) => form.reset(toValues(saved, agent)), onError: (error) => void showFieldProblems(form, error) },
    ),
  )
  const isLocal = form.watch('model') === LOCAL_COMMANDS
  return (
    <form noValidate className="grid gap-5" onSubmit={submit}>
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField label="Name" autoComplete="off" maxLength={64} error={problem(errors.name)} {...form.register('name')} />
        <TextField
          label="Model"
          list="models"
          autoComplete="off"
          hint={isLocal ? 'Not a language model: it follows a few commands.' : 'Choose one, or type any id of a provider that is set up.'}
          error={problem(errors.model)}
          {...form.register('model')}
        />
        <datalist id="models">
          {models.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </datalist>
      </div>
      <TextArea
        label="Instructions"
        rows={6}
        hint="Who the agent is and how it should answer."
        error={problem(errors.instructions)}
        {...form.register('instructions')}
      />
      <TextArea
        label="Fallback models"
        rows={2}
        isCode
        hint="Tried in order when the model fails. One per line."
        error={problem(errors.fallbacks)}
        {...form.register('fallbacks')}
      />
      <div className="grid gap-5 sm:grid-cols-3">
        <TextField
          label="Temperature"
          inputMode="decimal"
          placeholder="Model’s default"
          hint="0 to 2"
          error={problem(errors.temperature)}
          {...form.register('temperature')}
        />
        <TextField
          label="Most tokens per answer"
          inputMode="numeric"
          placeholder="Model’s default"
          error={problem(errors.maxTokens)}
          {...form.register('maxTokens')}
        />
        <TextField
          label="Messages kept in context"
          inputMode="numeric"
          placeholder="20"
          hint="0 to 500"
          error={problem(errors.memoryLimit)}
          {...form.register('memoryLimit')}
        />
      </div>
      <fieldset className="grid gap-1">
        <legend className="mb-1 text-sm font-medium">Tools the agent may use</legend>
        {TOOLS.map(({ name, about }) => (
          <Checkbox
            key={name}
            value={name}
            label={
              <>
                <span className="font-mono">{name}</span> <span className="text-muted">{about}</span>
              </>
            }
            {...form.register('tools')}
          />
        ))}
      </fieldset>
      <Controller
        name="memoryEnabled"
        control={form.control}
        render={({ field }) => (
          <Switch
            label="Memory"
            hint="Off: the agent can neither store nor look up facts. What is stored stays."
            isOn={field.value}
            onChange={field.onChange}
          />
        )}
      />
      {save.isError && Object.keys(errors).length === 0 && <ErrorNotice error={save.error} />}
      <div className="flex items-center gap-3">
        <Button type="submit" look="primary" isBusy={save.isPending} disabled={!isDirty}>
          Save
        </Button>
        {isDirty && (
          <Button look="quiet" onClick={() => form.reset()}>
            Discard changes
          </Button>
        )}
      </div>
    </form>
  )
}
