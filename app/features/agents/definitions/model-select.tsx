import { forwardRef, type ReactNode, type SelectHTMLAttributes } from 'react'
import type { Capabilities } from '../../../../server/insight/system/system.contract.ts'
import { SelectField } from '../../../ui/field.tsx'

export const LOCAL_COMMANDS = 'local/commands'

interface ModelSelectProps extends SelectHTMLAttributes<HTMLSelectElement> {
  capabilities: Capabilities
  /** The value of the field: the model that is chosen now. */
  chosen: string | undefined
  error?: string | undefined
}

/** The models the server offers. One that is set already stays on offer, even when it is not on the list. */
export const ModelSelect = forwardRef<HTMLSelectElement, ModelSelectProps>(function ModelSelect({ capabilities, chosen, ...rest }, ref) {
  const ids = capabilities.models.map(({ id }) => id)
  const shown = chosen && !ids.includes(chosen) ? [chosen, ...ids] : ids
  return (
    <SelectField ref={ref} label="Model" hint={hintFor(chosen)} {...rest}>
      {shown.map((id) => (
        <option key={id} value={id}>
          {id}
          {id === capabilities.defaultModel ? ' (default)' : ''}
        </option>
      ))}
    </SelectField>
  )
})

const hintFor = (model: string | undefined): ReactNode =>
  model === LOCAL_COMMANDS
    ? 'Not a language model: it remembers, recalls and calculates on command. It needs no provider and no key.'
    : undefined
