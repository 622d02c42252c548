import { isSealed } from './config-secrets.rules.ts'
import type { ConfigChange } from './config-versions.contract.ts'

const HIDDEN = '[secret]'

/** What is different in `after`, by key and list position, in the order of keys. Secrets are compared, and never shown. */
export function diffConfigs(before: unknown, after: unknown, path: readonly string[] = []): ConfigChange[] {
  if (!isNested(before) || !isNested(after) || Array.isArray(before) !== Array.isArray(after)) {
    const isSame = JSON.stringify(before) === JSON.stringify(after)
    return isSame ? [] : [{ path: path.join('.'), kind: 'changed', before: hide(before), after: hide(after) }]
  }
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().flatMap((key) => {
    const inner = [...path, key]
    if (!Object.hasOwn(old, key)) return [{ path: inner.join('.'), kind: 'added', before: null, after: hide(now[key]) }]
    if (!Object.hasOwn(now, key)) return [{ path: inner.join('.'), kind: 'removed', before: hide(old[key]), after: null }]
    return diffConfigs(old[key], now[key], inner)
  })
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null && !isSealed(value)

/** The value with every secret inside replaced. */
function hide(value: unknown): unknown {
  if (isSealed(value)) return HIDDEN
  if (Array.isArray(value)) return value.map(hide)
  if (!isNested(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]))
}
