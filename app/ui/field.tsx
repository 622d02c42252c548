import clsx from 'clsx'
import { forwardRef, useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react'

export const control =
  'w-full rounded-lg border border-line-strong bg-surface px-3 py-2 text-base sm:text-sm min-h-10 aria-invalid:border-danger aria-invalid:outline-danger disabled:bg-sunken disabled:text-muted'

interface Labelled {
  label: string
  /** What helps to fill it in; always shown. */
  hint?: ReactNode
  error?: string | undefined
}

interface ControlIds {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

/** Label, control, hint and problem, tied together for screen readers. */
function Field({
  label,
  hint,
  error,
  className,
  children,
}: Labelled & { className?: string | undefined; children(ids: ControlIds): ReactNode }) {
  const id = useId()
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div className={clsx('grid content-start gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': describedBy || undefined, 'aria-invalid': error ? true : undefined })}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm font-medium text-danger">
          {error}
        </p>
      )}
    </div>
  )
}

export const TextField = forwardRef<HTMLInputElement, Labelled & InputHTMLAttributes<HTMLInputElement>>(function TextField(
  { label, hint, error, className, ...rest },
  ref,
) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(ids) => <input ref={ref} {...ids} className={control} {...rest} />}
    </Field>
  )
})

export const TextArea = forwardRef<HTMLTextAreaElement, Labelled & { isCode?: boolean } & TextareaHTMLAttributes<HTMLTextAreaElement>>(
  function TextArea({ label, hint, error, className, isCode, ...rest }, ref) {
    return (
      <Field label={label} hint={hint} error={error} className={className}>
        {(ids) => <textarea ref={ref} rows={4} {...ids} className={clsx(control, isCode && 'font-mono')} spellCheck={!isCode} {...rest} />}
      </Field>
    )
  },
)

export const SelectField = forwardRef<HTMLSelectElement, Labelled & SelectHTMLAttributes<HTMLSelectElement>>(function SelectField(
  { label, hint, error, className, ...rest },
  ref,
) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(ids) => <select ref={ref} {...ids} className={control} {...rest} />}
    </Field>
  )
})

export const Checkbox = forwardRef<HTMLInputElement, { label: ReactNode } & InputHTMLAttributes<HTMLInputElement>>(function Checkbox(
  { label, ...rest },
  ref,
) {
  return (
    <label className="flex min-h-9 items-center gap-2.5 text-sm">
      <input ref={ref} type="checkbox" className="size-4.5 shrink-0 accent-ink" {...rest} />
      <span>{label}</span>
    </label>
  )
})
