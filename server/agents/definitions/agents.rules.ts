import { randomSuffix } from '#server/platform/core/index.ts'
import { plans, type AccountPlan, type PlanName } from '#server/money/billing/index.ts'

const MAX_SLUG_LENGTH = 40

/** Letters, digits and single hyphens of a name, for ids and host names; `agent` when nothing is left. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/-+$/, '') || 'agent'

/** A new agent's id: made from its name and a random suffix of 50 bits, so that it reads well and cannot be guessed. */
export const newAgentId = (name: string): string => `${slugOf(name)}-${randomSuffix(10)}`

/** Whether an agent may be on `plan` when the account pays for `paid`. */
export const isWithinPlan = (plan: PlanName, paid: AccountPlan): boolean => paid !== 'free' && plans[plan].price <= plans[paid].price

/** `1h 30m`, `45s`; the two largest units. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  const shown = parts.filter(([amount]) => amount > 0).slice(0, 2)
  return shown.length > 0 ? shown.map(([amount, unit]) => `${amount}${unit}`).join(' ') : '0s'
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `512B`, `214.0MiB`; in the largest unit of which there is one at least. */
export function formatBytes(bytes: number): string {
  const power = byteUnits.findLastIndex((_, index) => bytes >= 1024 ** index)
  return power < 1 ? `${Math.round(bytes)}B` : `${(bytes / 1024 ** power).toFixed(1)}${byteUnits[power]}`
}
