import { operations } from '#server/operations.ts'
import { proceduresOf, router } from './trpc.server.ts'

/** The typed door: one router per domain, derived from its table of operations. */
export const appRouter = router({
  accounts: router(proceduresOf(operations.accounts)),
  agents: router(proceduresOf(operations.agents)),
  ai: router(proceduresOf(operations.ai)),
  billing: router(proceduresOf(operations.billing)),
  chat: router(proceduresOf(operations.chat)),
  conversations: router(proceduresOf(operations.conversations)),
  gateway: router(proceduresOf(operations.gateway)),
  keys: router(proceduresOf(operations.keys)),
  memory: router(proceduresOf(operations.memory)),
  openai: router(proceduresOf(operations.openai)),
  payments: router(proceduresOf(operations.payments)),
  system: router(proceduresOf(operations.system)),
  usage: router(proceduresOf(operations.usage)),
})

export type AppRouter = typeof appRouter
