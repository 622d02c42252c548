import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { jobs } = operations

exposeQueries({ job: jobs.get })
exposeMutations({ queueMessage: jobs.enqueueChat })
