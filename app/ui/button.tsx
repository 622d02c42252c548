import { Link, type LinkProps } from '@remix-run/react'
import clsx from 'clsx'
import { LoaderCircle } from 'lucide-react'
import { forwardRef, type ButtonHTMLAttributes } from 'react'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'

const looks: Record<Look, string> = {
  primary: 'bg-ink text-ground hover:opacity-85',
  plain: 'border border-line-strong bg-surface hover:bg-sunken',
  quiet: 'hover:bg-sunken',
  danger: 'bg-danger-fill text-white hover:opacity-90',
}

const shape =
  'inline-flex min-h-10 items-center justify-center gap-2 rounded-lg px-4 py-2 text-sm font-medium whitespace-nowrap transition disabled:cursor-not-allowed disabled:opacity-60'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look
  /** Something is under way that this button began. It cannot be pressed again until then. */
  isBusy?: boolean
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { look = 'plain', isBusy = false, type = 'button', className, disabled, children, ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      className={clsx(shape, looks[look], className)}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
      {...rest}
    >
      {isBusy && <LoaderCircle size={16} aria-hidden className="animate-spin" />}
      {children}
    </button>
  )
})

export const ButtonLink = ({ look = 'plain', className, ...rest }: LinkProps & { look?: Look }) => (
  <Link className={clsx(shape, looks[look], className)} {...rest} />
)

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string
}

/** A button that shows an icon only; `label` is its name, and its tooltip. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { label, className, type = 'button', ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      aria-label={label}
      title={label}
      className={clsx(
        'inline-flex size-10 shrink-0 items-center justify-center rounded-lg transition hover:bg-sunken disabled:opacity-50',
        className,
      )}
      {...rest}
    />
  )
})
