import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { instances } = operations

exposeQueries({
  instance: instances.get,
  instanceStats: instances.stats,
  instanceToken: instances.token,
  ownRuntime: instances.own,
})

exposeMutations({
  provisionInstance: instances.provision,
  startInstance: instances.start,
  stopInstance: instances.stop,
  restartInstance: instances.restart,
  updateInstanceImage: instances.updateImage,
  repairInstance: instances.repair,
  resetInstanceMemory: instances.resetMemory,
})
