/** What roles are made of. */
export const scopes = [
  'account:read',
  'account:write',
  'agents:read',
  'agents:write',
  'chat:read',
  'chat:write',
  'memory:read',
  'memory:write',
  'models:read',
  'models:write',
  'payments:read',
  'payments:write',
  'wallet:spend',
  'keys:read',
  'keys:write',
  'members:read',
  'members:write',
  'audit:read',
  'workspace:own',
] as const

export type Scope = (typeof scopes)[number]

/** What an API key cannot be given: a key makes no keys, and owns nothing. */
type SessionScope = 'keys:read' | 'keys:write' | 'workspace:own'

/** What an API key can be limited to. A key without scopes has them all. */
export const keyScopes = scopes.filter(
  (scope): scope is Exclude<Scope, SessionScope> =>
    !(['keys:read', 'keys:write', 'workspace:own'] satisfies SessionScope[] as Scope[]).includes(scope),
)
