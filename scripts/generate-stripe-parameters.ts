import { writeFile } from 'node:fs/promises'
import { readParameterTree } from '../tests/fakes/stripe/parameter-tree.ts'

// Reads the parameters of the part of Stripe that is used off the types of its SDK, for the fake to check requests by.
// To be run after the SDK, or `tests/fakes/stripe/operations.ts`, has changed; a test says so.
await writeFile(new URL('../tests/fakes/stripe/parameters.json', import.meta.url), `${JSON.stringify(readParameterTree())}\n`)
