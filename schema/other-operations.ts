import { operations } from '#server/operations.ts'
import type { Operation } from '#server/platform/operations/index.ts'
import { exposed, exposeMutations, exposeQueries, exposeSubscriptions } from './expose.ts'

/** `agents.setCredential` is called agentsSetCredential, unless a file beside this one gives it another name. */
const nameOf = ({ name }: Operation): string => name.replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase())

const all: Operation[] = Object.values(operations).flatMap((table) => Object.values<Operation>(table))
for (const operation of all.filter(({ name }) => !exposed.has(name))) {
  if (operation.kind === 'query') exposeQueries({ [nameOf(operation)]: operation })
  else if (operation.kind === 'mutation') exposeMutations({ [nameOf(operation)]: operation })
  else exposeSubscriptions({ [nameOf(operation)]: operation })
}
