import { ChevronRight, Wrench } from 'lucide-react'
import type { ToolUse } from './live-turn.ts'

/** A tool the agent used; what went in and came out on request. */
export const ToolRow = ({ tool }: { tool: ToolUse }) => (
  <details className="group mb-2 text-sm">
    <summary className="inline-flex min-h-8 list-none items-center gap-2 rounded-lg border border-line bg-sunken px-2.5 text-muted [&::-webkit-details-marker]:hidden">
      <Wrench size={14} aria-hidden />
      <span>
        Used <span className="font-mono text-ink">{tool.name}</span>
      </span>
      <ChevronRight size={14} aria-hidden className="transition group-open:rotate-90" />
    </summary>
    <dl className="mt-1.5 grid gap-1 rounded-lg bg-sunken p-3 font-mono text-xs [overflow-wrap:anywhere] whitespace-pre-wrap">
      <dt className="text-muted">in</dt>
      <dd>{JSON.stringify(tool.input)}</dd>
      <dt className="mt-1 text-muted">out</dt>
      <dd>{JSON.stringify(tool.result)}</dd>
    </dl>
  </details>
)
