import { isDeepStrictEqual } from 'node:util'
import type { SealedColumn } from '#server/platform/rotation/index.ts'

/** Keys whose values are secrets: `token`, `botToken`, `app_secret`, `apiKey`, ... but not `maxTokens`. */
const SECRET_KEY = /(token|secret|password|api_?key|private_?key)$/i
const SEALED = '$sealed'

/** What secrets in the configuration of an agent are sealed for. */
export const configPurpose = (agentId: string): string => `config ${agentId}`

export const sealedConfigs: SealedColumn[] = [
  { table: 'agents', column: 'config', purpose: ({ id }) => configPurpose(id!) },
  { table: 'agent_config_versions', column: 'config', purpose: ({ agentId }) => configPurpose(agentId!) },
]

type Json = unknown
type JsonObject = Record<string, Json>

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
/** Whether a value is an encrypted box. */
export const isSealed = (value: Json): value is { [SEALED]: string } => isObject(value) && typeof value[SEALED] === 'string'

/** Replaces every secret text inside with an encrypted box. */
export function sealSecrets(value: Json, seal: (plain: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => sealSecrets(item, seal))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      // A caller cannot plant a box of its own making.
      .filter(([key]) => key !== SEALED)
      .map(([key, inner]) => [
        key,
        typeof inner === 'string' && SECRET_KEY.test(key) ? { [SEALED]: seal(inner) } : sealSecrets(inner, seal),
      ]),
  )
}

/** Leaves out everything that is encrypted: secrets can be written, not read. */
export function omitSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(omitSecrets)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => !isSealed(inner))
      .map(([key, inner]) => [key, omitSecrets(inner)]),
  )
}

/**
 * Carries over the secrets of `before` that `after` does not mention, since a reader never saw them to
 * send them back. An item of a list keeps its own when what a reader saw of it came back unchanged,
 * wherever in the list it is now; any other item could be a different thing, so it gets none.
 */
export function keepSecrets(before: Json, after: Json): Json {
  if (Array.isArray(before) && Array.isArray(after)) return keepInList(before, after)
  if (!isObject(before) || !isObject(after) || isSealed(after)) return after
  const kept = Object.entries(before).filter(([key, inner]) => isSealed(inner) && !(key in after))
  const merged = Object.entries(after).map(([key, inner]) => [key, keepSecrets(before[key], inner)] as const)
  return Object.fromEntries([...merged, ...kept])
}

function keepInList(before: Json[], after: Json[]): Json[] {
  const left = [...before]
  return after.map((item) => {
    const found = left.findIndex((old) => isDeepStrictEqual(omitSecrets(old), item))
    return found < 0 ? item : left.splice(found, 1)[0]
  })
}
