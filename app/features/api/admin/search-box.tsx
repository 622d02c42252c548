import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'

/** Looks for what was typed once that is sent off. */
export function SearchBox({ label, onSearch }: { label: string; onSearch(search: string): void }) {
  const [text, setText] = useState('')
  return (
    <form
      role="search"
      className="flex items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch(text.trim())
      }}
    >
      <TextField label={label} value={text} onChange={(event) => setText(event.target.value)} className="flex-1" />
      <Button type="submit">Search</Button>
    </form>
  )
}
