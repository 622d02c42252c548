import * as Radix from '@radix-ui/react-dropdown-menu'
import clsx from 'clsx'
import type { ReactNode } from 'react'

/** A menu under a button. */
export const Menu = ({ trigger, children }: { trigger: ReactNode; children: ReactNode }) => (
  <Radix.Root modal={false}>
    <Radix.Trigger asChild>{trigger}</Radix.Trigger>
    <Radix.Portal>
      <Radix.Content
        align="end"
        sideOffset={6}
        className="z-40 min-w-48 animate-appear rounded-xl border border-line bg-surface p-1.5 shadow-xl"
      >
        {children}
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
)

interface MenuItemProps {
  onSelect(): void
  isDanger?: boolean
  isDisabled?: boolean
  className?: string
  children: ReactNode
}

export const MenuItem = ({ onSelect, isDanger, isDisabled, className, children }: MenuItemProps) => (
  <Radix.Item
    onSelect={onSelect}
    disabled={isDisabled ?? false}
    className={clsx(
      'flex min-h-10 items-center gap-2.5 rounded-lg px-3 text-sm outline-none data-disabled:opacity-50 data-highlighted:bg-sunken',
      isDanger && 'text-danger',
      className,
    )}
  >
    {children}
  </Radix.Item>
)
