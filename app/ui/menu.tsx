import * as Radix from '@radix-ui/react-dropdown-menu'
import clsx from 'clsx'
import { Check } from 'lucide-react'
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

interface MenuChoicesProps {
  label: string
  choices: readonly { value: string; text: ReactNode }[]
  chosen: string
  onChoose(value: string): void
}

/** Several things of which one is chosen. */
export const MenuChoices = ({ label, choices, chosen, onChoose }: MenuChoicesProps) => (
  <Radix.RadioGroup aria-label={label} value={chosen} onValueChange={onChoose} className="max-h-72 max-w-72 overflow-y-auto">
    {choices.map(({ value, text }) => (
      <Radix.RadioItem
        key={value}
        value={value}
        className="flex min-h-10 items-center gap-2.5 rounded-lg px-3 py-1 text-sm outline-none data-highlighted:bg-sunken"
      >
        <span className="min-w-0 flex-1">{text}</span>
        <Radix.ItemIndicator>
          <Check size={16} aria-hidden />
        </Radix.ItemIndicator>
      </Radix.RadioItem>
    ))}
  </Radix.RadioGroup>
)

export const MenuLine = () => <Radix.Separator className="my-1.5 h-px bg-line" />
