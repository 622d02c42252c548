import * as Radix from '@radix-ui/react-dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'

interface DialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
  title: string
  description?: ReactNode
  children: ReactNode
  /** False while leaving by accident would lose something. */
  canDismiss?: boolean
}

/** A modal dialog: a sheet at the bottom of a phone, a card in the middle elsewhere. */
export function Dialog({ isOpen, onOpenChange, title, description, children, canDismiss = true }: DialogProps) {
  const keepOpen = (event: Event) => {
    if (!canDismiss) event.preventDefault()
  }
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          onPointerDownOutside={keepOpen}
          onEscapeKeyDown={keepOpen}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className="fixed inset-x-0 bottom-0 z-50 grid max-h-[92dvh] animate-appear gap-4 overflow-y-auto rounded-t-2xl border border-line bg-surface p-5 shadow-2xl sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[min(34rem,calc(100vw-2rem))] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl sm:p-6"
        >
          <div className="flex items-start justify-between gap-4">
            <div className="grid gap-1">
              <Radix.Title className="text-lg">{title}</Radix.Title>
              {description && <Radix.Description className="text-sm text-muted">{description}</Radix.Description>}
            </div>
            {canDismiss && (
              <Radix.Close asChild>
                <IconButton label="Close" className="-mt-2 -mr-2">
                  <X size={18} aria-hidden />
                </IconButton>
              </Radix.Close>
            )}
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export const DialogActions = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{children}</div>
)
