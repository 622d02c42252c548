import { operations } from '#server/operations.ts'
import { proceduresOf, router } from './trpc.server.ts'

/** The typed transport: one router per domain, derived from its table of operations. */
export const appRouter = router({
  accounts: router(proceduresOf(operations.accounts)),
  admin: router(proceduresOf(operations.admin)),
  agents: router(proceduresOf(operations.agents)),
  ai: router(proceduresOf(operations.ai)),
  audit: router(proceduresOf(operations.audit)),
  billing: router(proceduresOf(operations.billing)),
  bots: router(proceduresOf(operations.bots)),
  chat: router(proceduresOf(operations.chat)),
  conversations: router(proceduresOf(operations.conversations)),
  defaultAgent: router(proceduresOf(operations.defaultAgent)),
  exports: router(proceduresOf(operations.exports)),
  farcaster: router(proceduresOf(operations.farcaster)),
  files: router(proceduresOf(operations.files)),
  gateway: router(proceduresOf(operations.gateway)),
  identities: router(proceduresOf(operations.identities)),
  instances: router(proceduresOf(operations.instances)),
  jobs: router(proceduresOf(operations.jobs)),
  keys: router(proceduresOf(operations.keys)),
  mailbox: router(proceduresOf(operations.mailbox)),
  memory: router(proceduresOf(operations.memory)),
  metrics: router(proceduresOf(operations.metrics)),
  oauth: router(proceduresOf(operations.oauth)),
  openai: router(proceduresOf(operations.openai)),
  outbox: router(proceduresOf(operations.outbox)),
  passkeys: router(proceduresOf(operations.passkeys)),
  payments: router(proceduresOf(operations.payments)),
  schedules: router(proceduresOf(operations.schedules)),
  secondFactor: router(proceduresOf(operations.secondFactor)),
  sessions: router(proceduresOf(operations.sessions)),
  system: router(proceduresOf(operations.system)),
  tokenGate: router(proceduresOf(operations.tokenGate)),
  usage: router(proceduresOf(operations.usage)),
  users: router(proceduresOf(operations.users)),
  verification: router(proceduresOf(operations.verification)),
  wallets: router(proceduresOf(operations.wallets)),
  workspaces: router(proceduresOf(operations.workspaces)),
})

export type AppRouter = typeof appRouter
