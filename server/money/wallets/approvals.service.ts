import type { Platform } from '#server/platform/core/index.ts'
import * as queries from './approvals.queries.ts'

/** Ends payments that waited too long for an owner. They are over by the time alone; this writes it down. */
export const expireSends = ({ databases: { system } }: Platform) => queries.expireSends(system)
