import type { AccountContext } from '#server/platform/core/index.ts'

/** The agent a profile names as the account's own; undefined when it has none. */
type FindInstance = (ctx: AccountContext) => Promise<{ id: string; url: string } | undefined>

let find: FindInstance | undefined

/** Says, when the server starts, how that agent is found: agents know of accounts, accounts do not know of agents. */
export function registerManagedInstance(lookup: FindInstance): void {
  find = lookup
}

export const findManagedInstance: FindInstance = async (ctx) => find?.(ctx)
