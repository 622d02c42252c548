import type { ReactNode } from 'react'

/** Title, a line about the page, and what can be done on it. */
export const PageHeader = ({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) => (
  <div className="mb-6 flex flex-wrap items-end justify-between gap-3">
    <div className="grid gap-1">
      <h1>{title}</h1>
      {children && <p className="text-sm text-muted">{children}</p>}
    </div>
    {actions}
  </div>
)

/** A titled box of a page. */
export const Section = ({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) => (
  <section className="rounded-xl border border-line bg-surface p-5 sm:p-6">
    <h2>{title}</h2>
    {about && <div className="mt-1 text-sm text-muted">{about}</div>}
    <div className="mt-4">{children}</div>
  </section>
)
