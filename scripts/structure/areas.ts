/**
 * The parts of the program and the areas of `server/`, from the ground up: each may import what stands before it, types
 * included, and nothing that stands after it. `docs/architecture.md` says what each one holds.
 */
export const layers = ['db', 'server', 'schema', 'app'] as const

export const areas = ['platform', 'integrations', 'money', 'identity', 'models', 'agents', 'chat', 'insight', 'automation', 'api'] as const

/** What the transports are made from, and forms in the browser: other folders may import it as it is. */
const TABLES = /\.(contract|operations|rest)\.ts$/

/** Whether a file may be imported from another folder. Files right in `server/` put the areas together. */
export const isPublic = (file: string): boolean => TABLES.test(file) || file.endsWith('/index.ts') || /^server\/[^/]+\.ts$/.test(file)
