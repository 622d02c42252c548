import type { UseFormRegisterReturn } from 'react-hook-form'
import { Checkbox, TextField } from '../../../ui/field.tsx'

interface AddressFieldsProps {
  addresses: UseFormRegisterReturn
  isElsewhere: UseFormRegisterReturn
  error: string | undefined
}

/** From where a key may be used. */
export const AddressFields = ({ addresses, isElsewhere, error }: AddressFieldsProps) => (
  <div className="grid gap-2">
    <TextField
      label="Only from these addresses (optional)"
      autoComplete="off"
      placeholder="203.0.113.7, 203.0.113.0/24"
      hint="Addresses or networks, with commas between them."
      error={error}
      {...addresses}
    />
    <Checkbox label="It is used elsewhere: leave out the address I am at now" {...isElsewhere} />
  </div>
)
