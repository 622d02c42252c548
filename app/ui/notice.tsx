import clsx from 'clsx'
import { RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { describeError } from '../trpc/errors.ts'
import { Button } from './button.tsx'

type Tone = 'neutral' | 'warn' | 'danger'

const tones: Record<Tone, string> = {
  neutral: 'border-line bg-sunken',
  warn: 'border-warn/40 bg-warn-soft text-warn',
  danger: 'border-danger/40 bg-danger-soft text-danger',
}

export const Notice = ({ tone = 'neutral', className, children }: { tone?: Tone; className?: string; children: ReactNode }) => (
  <div className={clsx('rounded-lg border px-4 py-3 text-sm', tones[tone], className)}>{children}</div>
)

/** A failure in plain words, with the id under which the server logged it. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { message, requestId } = describeError(error)
  return (
    <div
      role="alert"
      className={clsx('flex flex-wrap items-center justify-between gap-3 rounded-lg border px-4 py-3 text-sm', tones.danger)}
    >
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium">{message}</p>
        {requestId && <p className="font-mono text-xs">Request {requestId}</p>}
      </div>
      {onRetry && (
        <Button onClick={onRetry} className="text-ink">
          <RotateCw size={16} aria-hidden /> Try again
        </Button>
      )}
    </div>
  )
}

/** Nothing there yet, and what to do about it. */
export const EmptyState = ({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) => (
  <div className="grid justify-items-center gap-3 rounded-xl border border-dashed border-line-strong px-6 py-12 text-center">
    <h2>{title}</h2>
    <div className="max-w-md text-sm text-muted">{children}</div>
    {action}
  </div>
)

/** Grey bars where content is on its way. */
export const Skeleton = ({ className }: { className?: string }) => (
  <div aria-hidden className={clsx('animate-pulse rounded-lg bg-line', className)} />
)

export const SkeletonList = ({ rows = 3, className = 'h-16' }: { rows?: number; className?: string }) => (
  <div role="status" className="grid gap-3">
    <span className="sr-only">Loading</span>
    {Array.from({ length: rows }, (_, row) => (
      <Skeleton key={row} className={className} />
    ))}
  </div>
)
