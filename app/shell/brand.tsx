/** The mark: a panel with its lamp on. */
export const BrandMark = ({ size = 28 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 28 28" aria-hidden className="shrink-0">
    <rect width="28" height="28" rx="7" className="fill-ink" />
    <rect x="6" y="17" width="16" height="4" rx="2" className="fill-ground" opacity="0.55" />
    <circle cx="14" cy="10.5" r="4" className="fill-accent" />
  </svg>
)

export const Brand = () => (
  <span className="inline-flex items-center gap-2.5 font-semibold tracking-tight">
    <BrandMark />
    <span>Agentbot</span>
  </span>
)
