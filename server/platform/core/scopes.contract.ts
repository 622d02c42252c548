/** What an API key can be limited to. A key without scopes may do everything its account may do with a key. */
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
] as const

export type Scope = (typeof scopes)[number]
