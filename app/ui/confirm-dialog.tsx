import { useState, type ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog, DialogActions } from './dialog.tsx'
import { TextField } from './field.tsx'
import { ErrorNotice } from './notice.tsx'

interface ConfirmDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
  title: string
  description: ReactNode
  /** What the button that does it says. */
  action: string
  isBusy: boolean
  error: unknown
  onConfirm(): void
  /** Text that has to be typed first, for what cannot be undone. */
  typed?: string
}

/** Asks before something that destroys. */
export function ConfirmDialog({ typed, action, isBusy, error, onConfirm, ...dialog }: ConfirmDialogProps) {
  const [text, setText] = useState('')
  const isReady = typed === undefined || text.trim() === typed
  const setOpen = (isOpen: boolean) => {
    if (!isOpen) setText('')
    dialog.onOpenChange(isOpen)
  }
  return (
    <Dialog {...dialog} onOpenChange={setOpen}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) onConfirm()
        }}
      >
        {typed !== undefined && (
          <TextField
            label={`Type “${typed}” to confirm`}
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
          />
        )}
        {error !== null && error !== undefined && <ErrorNotice error={error} />}
        <DialogActions>
          <Button onClick={() => setOpen(false)}>Cancel</Button>
          <Button type="submit" look="danger" isBusy={isBusy} disabled={!isReady}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
