import { bind } from '#server/platform/operations/index.ts'
import { instances } from './instances.operations.ts'

const common = { tag: 'instance', errors: [403, 404, 502] } as const
/** Needs a plan, too. */
const paid = { tag: 'instance', errors: [402, 403, 404, 502] } as const

export const instancesRest = {
  provision: bind({ id: 'provisionWithChannels', tag: 'provision', operation: instances.provision, errors: [402, 502, 503] }),
  own: bind({ id: 'getUserRuntime', tag: 'provision', operation: instances.own }),
  get: bind({ ...common, id: 'getInstance', operation: instances.get }),
  start: bind({ ...paid, id: 'startInstance', operation: instances.start }),
  stop: bind({ ...common, id: 'stopInstance', operation: instances.stop }),
  restart: bind({ ...paid, id: 'restartInstance', operation: instances.restart }),
  updateImage: bind({ ...paid, id: 'updateInstanceImage', operation: instances.updateImage }),
  repair: bind({ ...paid, id: 'repairInstance', operation: instances.repair }),
  resetMemory: bind({ ...common, id: 'resetInstanceMemory', operation: instances.resetMemory }),
  token: bind({ ...common, id: 'getInstanceToken', operation: instances.token, errors: [403, 404] }),
  stats: bind({ ...common, id: 'getInstanceStats', operation: instances.stats }),
}
